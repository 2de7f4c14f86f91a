"""Whether a finished PDF that somebody hands in may carry an office letter's signature, and where on a page.

A letter that the office composes itself is sound by construction; one that comes as a PDF is hostile until shown
otherwise. What is asked here goes beyond what the judge (`verifier.examine`) asks of a signed file: whatever could make
the letter say something else tomorrow, or to another reader, is refused before anybody signs (docs/decisions). Runs in
a worker (`verifier.worker`), bounded in time and memory.
"""
