"""What PAdES engines miss: one function an attack, named after it, with its source; each raises VerificationError."""
