"""`python -m signer`: the one module of the signer that may import app.py (design: rooms)."""

from app import cli

if __name__ == "__main__":
    cli()(prog_name="python -m signer")
