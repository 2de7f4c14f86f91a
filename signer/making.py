"""Makes one signed letter from one rendering, and lets nothing out that a stranger's check would not pass.

No transaction is open here (design: idea 5, phase ii). The order: paraf re-verified, seal issued, appearance composed
and its QR read back, key, extension to B-LTA, the page rendered and its QR read, seal checked against the file, the
verifier, the store. What fails raises; a file that already exists then travels in the error as evidence.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from signer import appearance, own_pdf, pades, qr, seal
from signer.berkas.paraf import verified
from signer.desk import Desk, KeyDesk
from signer.drafting import SignatureBlock
from signer.errors import SigningRefused
from signer.keys.base import Mode, SignRequest
from signer.pictures import Pictures
from signer.placement import Placement
from signer.tables.berkas import Rendering
from signer.tables.office import Appointment
from verifier import examine, token
from verifier import seal as sealing
from verifier.errors import VerificationError
from verifier.report import Report
from verifier.sealing import chained

FIELD = "TandaTanganCamat"
MAX_CLOCK_DRIFT = timedelta(minutes=10)
"""/M and the timestamp lie within this of the seal's iat (design: idea 3)."""
APPEARANCE_WIDTH = 1200
MAX_QR_VERSION = 15
"""The densest QR that is still drawn with modules of 0.5 mm (design: idea 3)."""
PAGE_WIDTH = 1654
"""A4 at 200 dpi: what a scan of the print would show."""


@dataclass(frozen=True)
class Order:
    """What is to be signed: the rendering, whose key, the paraf on it, under which token, where."""

    rendering: Rendering
    appointment: Appointment
    paraf: tuple[tuple[bytes, Appointment], ...]
    token: str
    place: str


@dataclass(frozen=True)
class Made:
    """A signed letter that passed every check and is stored."""

    pdf: bytes
    seal: bytes
    qr_text: str
    signed_at: datetime
    blob_key: str


class RefusedFile(SigningRefused):
    """A signed file that failed a check; `pdf` is kept as evidence, no letter is made of it."""

    def __init__(self, fault: VerificationError, pdf: bytes) -> None:
        self.pdf = pdf
        super().__init__(
            f"Hasil tanda tangan tidak lolos pemeriksaan, sehingga surat tidak diterbitkan: {fault.id}",
            f"The signed result did not pass verification, so no letter was issued: {fault.en}",
        )


def make(desk: Desk, keys: KeyDesk, order: Order, secret: str) -> Made:
    """Sign, check and store. Raises WrongPassphrase, KeyUnavailable, TimestampUnavailable, SigningRefused."""
    rendered = desk.blobs.get_checked(order.rendering.blob_key, order.rendering.sha256)
    for signature, appointment in order.paraf:
        verified(rendered, signature, keys, appointment)
    keys.passed("paraf-diperiksa")
    issued_at = desk.now().replace(microsecond=0)
    sealed, text = _sealed(keys, order, rendered, issued_at)
    look = _appearance(desk, keys, order, text)
    keys.passed("qr-dibaca")
    rendering = order.rendering
    placement = Placement(rendering.page, tuple(rendering.box))
    request = SignRequest(rendered, look, placement, issued_at, FIELD, order.place)
    signed = keys.open_key(order.appointment).sign_pdf(request, secret)
    keys.passed("ditandatangani")
    pdf = pades.extend(signed, keys.authorities)
    keys.passed("diperpanjang")
    signed_at = _examined(keys, order, pdf, text, issued_at)
    keys.passed("diperiksa")
    return Made(pdf, sealed, text, signed_at, desk.blobs.put_pdf("signed", pdf))


def _sealed(keys: KeyDesk, order: Order, rendered: bytes, issued_at: datetime) -> tuple[bytes, str]:
    """The seal and the QR's text. Raises SigningRefused for facts that a seal or a readable QR cannot hold."""
    try:
        sealed = seal.issue(_fields(order, rendered, issued_at), order.token, keys.seal_key)
        text = seal.qr_text(keys.base_url, order.token, sealed)
    except VerificationError as fault:
        raise SigningRefused(f"Segel surat tidak dapat dibuat: {fault.id}", f"No seal: {fault.en}") from fault
    if qr.version(text) > MAX_QR_VERSION:
        raise SigningRefused(
            "Isi QR terlalu panjang untuk dicetak terbaca. Perpendek nomor surat atau alamat layanan.",
            "The QR would be too dense to read in print. Shorten the number or the service's address.",
        )
    return sealed, text


def _fields(order: Order, rendered: bytes, issued_at: datetime) -> sealing.SealFields:
    rendering = order.rendering
    return seal.describe(
        rendered,
        issued_at=issued_at,
        number=rendering.number,
        letter_date=rendering.letter_date,
        subject=rendering.subject,
        signer=rendering.signatory,
        capacity=" ".join(rendering.capacity.split()).rstrip(","),
        mode=order_mode(order),
    )


def order_mode(order: Order) -> Mode:
    """The mode fixed at finalising."""
    modes: dict[str, Mode] = {"simulasi": "simulasi", "bsre": "bsre"}
    return modes[order.rendering.mode]


def _appearance(desk: Desk, keys: KeyDesk, order: Order, text: str) -> bytes:
    """The signature block with its QR, read back before the key acts."""
    who = order.appointment
    block = SignatureBlock(tuple(order.rendering.capacity.split("\n")), who.holder, who.rank, who.grade, who.nip)
    look = appearance.compose(
        desk.templates.press,
        qr.svg(text),
        block,
        token.printed(order.token),
        order_mode(order),
        appearance.address_of(keys.base_url),
        own=own_pdf.is_own(order.rendering.template),
    )
    if qr.read(Pictures().image(look, 0, APPEARANCE_WIDTH)) != [text]:
        raise SigningRefused(
            "QR pada blok tanda tangan tidak terbaca kembali, sehingga kunci tidak digunakan.",
            "The QR in the signature block could not be read back, so the key was not used.",
        )
    return look


def _examined(keys: KeyDesk, order: Order, pdf: bytes, text: str, issued_at: datetime) -> datetime:
    """What a stranger would check, online and with the page in hand; gives the timestamp's time."""
    try:
        report = examine.pdf(pdf, name="letter.pdf", trust=keys.trust)
        report.require_valid()
        signed_at = _timely(report, issued_at)
        seen = qr.read(Pictures().image(pdf, order.rendering.page, PAGE_WIDTH))
        if seen != [text]:
            raise VerificationError(
                "qr-unreadable",
                "QR pada halaman surat tidak terbaca.",
                "The QR on the page could not be read.",
            )
        sealing.covers(sealing.verify(seen[0], sealing.seal_keys(chained(keys.trust))), pdf)
    except VerificationError as fault:
        raise RefusedFile(fault, pdf) from fault
    return signed_at


def _timely(report: Report, issued_at: datetime) -> datetime:
    signature = report.signatures[0]
    times = (signature.claimed_signed_at, signature.signed_at)
    if signature.level != "B-LTA" or signature.signed_at is None or signature.mode is None:
        raise VerificationError("not-b-lta", "Tanda tangan belum B-LTA.", "The signature is not B-LTA.")
    if any(at is None or abs(at - issued_at) > MAX_CLOCK_DRIFT for at in times):
        raise VerificationError(
            "clock-drift",
            "Jam server dan stempel waktu berbeda lebih dari 10 menit. Hubungi Admin.",
            "The server's clock and the timestamp differ by more than 10 minutes.",
        )
    return signature.signed_at
