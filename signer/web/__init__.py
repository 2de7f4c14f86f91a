"""Pages for the office and the Pemohon, a module a subject."""
