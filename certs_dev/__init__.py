"""The development CA, OCSP responder, CRLs and TSA that stand in for BSrE; only app.py imports it."""
