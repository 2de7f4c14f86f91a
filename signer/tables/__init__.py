"""The schema, a module a subject."""
