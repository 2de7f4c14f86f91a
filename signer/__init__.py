"""Leads from a submitted berkas to a signed, registered letter."""
