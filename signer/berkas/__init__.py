"""Use cases of SOP steps 1-4 and 7: submit, check, draft, finalise, paraf, return, collect.

Each opens one writing transaction, locks the berkas, asks sop.py, and writes the act with its movement, audit entry
and outbox rows. What a refused act raises is in signer.errors; it has changed nothing.
"""
