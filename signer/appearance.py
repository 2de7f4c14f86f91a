"""The visible signature: QR, who signed, token; a one-page PDF of exactly the box the letter leaves for it.

It exists only as the appearance of the Camat's signature (design: idea 2), so nothing unsigned carries a working QR.
"""

from __future__ import annotations

from dataclasses import asdict
from urllib.parse import urlsplit

from signer.drafting.checks import signature_block
from signer.drafting.letter import Mode, SignatureBlock
from signer.drafting.press import Press

SOURCE = "tanda-tangan.typ"
WIDTH_MM, HEIGHT_MM = 98.0, 50.0
"""Size of the box: `kotak` in naskah.typ; the test compares them."""
OWN_HEIGHT_MM = 64.0
"""Height of the box on an uploaded PDF, which has no footer: the SOP's Catatan stands in it (`tanda-tangan.typ`)."""
QR_MM = 42.5
"""Side of the QR with its quiet zone of 4 modules: version 15 (77 modules) still gets 0.5 mm a module."""


def address_of(base_url: str) -> str:
    """Where to check without a scanner, as printed: host and path, no scheme."""
    return f"{urlsplit(base_url).netloc}/periksa"


def compose(
    press: Press,
    qr_svg: str,
    block: SignatureBlock,
    token_text: str,
    mode: Mode,
    address: str,
    *,
    own: bool = False,
) -> bytes:
    """The appearance as a PDF page of WIDTH_MM x HEIGHT_MM (`own`: x OWN_HEIGHT_MM), fonts embedded.

    `qr_svg` is the QR with its quiet zone of 4 modules; `token_text` the token in groups of four with its check
    character, as printed under it; `address` where to check without a scanner (`surat.example/v/...`, no scheme).
    Capacity lines, mode and legal note stand in the letter itself; for an uploaded PDF, `own`, they stand here.
    Raises Invalid (`signatory.name` and so on) for text that cannot be printed, TemplateFault if it does not fit.
    """
    ready = signature_block(press.alphabet, block)
    data = {
        **asdict(ready),
        "capacity": ready.capacity if own else (),
        "own": own,
        "qr": qr_svg,
        "token": token_text,
        "mode": mode,
        "address": address,
    }
    return press.pdf(SOURCE, data, tagged=False)
