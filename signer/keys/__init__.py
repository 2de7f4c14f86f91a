"""Signing keys: PDF and secret in, signed PDF out, one module a backend."""
