"""Attacks with bare hands: bytes appended, cut, moved or flipped, without any regard for the PDF's structure."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from datetime import UTC, datetime

import helpers_attacks as tools
import helpers_pki as pki
import pytest
from asn1crypto import cms, core, x509
from pyhanko.pdf_utils.generic import pdf_name
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

from verifier.chains import Chains
from verifier.document import Document
from verifier.errors import VerificationError
from verifier.guards import canonical, structure
from verifier.integrity import verify_value
from verifier.knowledge import gather
from verifier.signatures import filled_fields, read_part
from verifier.standing import Judge
from verifier.trust import Trust

RANDOM = random.Random(65)


def flipped(pdf: bytes, position: int, bit: int) -> bytes:
    changed = bytearray(pdf)
    changed[position] ^= 1 << bit
    return bytes(changed)


def harmless(pdf: bytes, changed: bytes, position: int) -> bool:
    """The letter case of a hexadecimal digit of the last signature: the same bytes in another spelling."""
    gap = tools.parts(pdf)[-1].gap
    return (
        gap[0] < position < gap[1] and pdf[position : position + 1].lower() == changed[position : position + 1].lower()
    )


@pytest.mark.parametrize("algorithm", ["ec", "rsa"])
def test_no_bit_of_the_last_timestamp_can_change(algorithm: str) -> None:
    """Sampled: some of the gap's bits; each must fail one of the checks that `examine` makes of the gap."""
    pdf, trust = tools.archived(algorithm), pki.trust(pki.authority(algorithm))
    last = tools.parts(pdf)[-1]
    path = path_of_last(pdf, trust)
    check_gap(pdf, path, trust)
    end = last.gap[0] + 2 * last.encoded_length
    places = [*RANDOM.sample(range(*last.gap), 15), *RANDOM.sample(range(last.gap[0], end), 45)]
    places += [last.gap[0], last.gap[0] + 1, end, end + 1, end + 2, last.gap[1] - 1]
    for position in places:
        changed = flipped(pdf, position, RANDOM.randrange(8))
        if harmless(pdf, changed, position):
            continue
        with pytest.raises(VerificationError):
            check_gap(changed, path, trust)


def path_of_last(pdf: bytes, trust: Trust) -> object:
    document, every = Document.open(pdf), tools.parts(pdf)
    judge = Judge(Chains(trust, gather(document, every), datetime.now(UTC)))
    return judge.timeline(every[-1:], pdf)[every[-1].field].path


def check_gap(pdf: bytes, path: object, trust: object) -> None:
    document = Document.open(pdf)
    found = [read_part(document, field) for field in filled_fields(document)]
    structure.hidden_signature(document, found)
    part = max(found, key=lambda one: one.end)
    verify_value(part, pdf)
    structure.contents_padding(part)
    canonical.altered_timestamp(part, path, trust)  # type: ignore[arg-type]


def test_no_bit_of_the_letter_can_change() -> None:
    """Sampled: the last revision's structure densely, the rest thinly; whole examinations."""
    pdf = tools.archived()
    before, last = tools.parts(pdf)[-2:]
    structural = [i for i in range(before.end, len(pdf)) if not last.gap[0] <= i < last.gap[1]]
    for position in [*RANDOM.sample(structural, 30), *RANDOM.sample(range(len(pdf)), 15), len(pdf) - 1]:
        changed = flipped(pdf, position, RANDOM.randrange(8))
        if not harmless(pdf, changed, position):
            assert tools.judged(changed).exit_code != 0, position


def test_every_marker_of_the_last_revision_matters() -> None:
    """One flip in each name that makes a timestamp a timestamp: none may hide it."""
    pdf = tools.archived()
    start = tools.parts(pdf)[-2].end
    for marker in re.finditer(
        rb"/(?:FT|Sig|V|Fields|AcroForm|ByteRange|Contents|SubFilter|Root|DSS|Prev)\b", pdf[start:]
    ):
        position = start + marker.end() - 1
        assert tools.judged(flipped(pdf, position, 1)).exit_code != 0, marker.group()


def test_truncated_at_every_kilobyte_is_never_valid() -> None:
    pdf = tools.archived()
    for end in range(1, len(pdf), 1024):
        assert tools.judged(pdf[:end]).exit_code != 0, end


@pytest.mark.parametrize("tail", [b"x", b"1 0 obj<</Type/Catalog>>endobj\n", b"%%EOF\n1 0 obj\n<<>>\nendobj\n"])
def test_bytes_after_the_end_are_found(tail: bytes) -> None:
    tools.never_valid(tools.archived() + tail)


def test_incremental_saving_without_a_table_is_found() -> None:
    """ISA: an object redefined behind the end, with a copy of the old end; lenient viewers rebuild the table."""
    pdf = tools.archived()
    end = pdf[pdf.rindex(b"startxref") :]
    tools.never_valid(pdf + b"\n4 0 obj\n<</Length 5>>stream\nhello\nendstream\nendobj\n" + end, "trailing-bytes")
    only = tools.signed()
    end = only[only.rindex(b"startxref") :]
    tools.never_valid(only + b"\n4 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n" + end, "trailing-bytes")


def test_white_space_at_the_end_is_no_attack() -> None:
    report = tools.judged(tools.archived() + b"\r\n")
    assert report.integrity == "unchanged"


def test_a_wrapped_signature_is_found() -> None:
    """SWA: the signed second part moved behind, ByteRange pointing there, forged content in between."""
    pdf = tools.signed()
    part = tools.parts(pdf)[0]
    forged = pdf[: part.gap[1]] + b" " * 100 + pdf[part.gap[1] :]
    old = re.search(rb"/ByteRange \[[^\]]*\]", pdf)
    assert old is not None
    moved = b"/ByteRange [0 %d %d %d" % (part.gap[0], part.gap[1] + 100, len(pdf) - part.gap[1])
    text = moved.ljust(len(old.group()) - 1) + b"]"
    tools.never_valid(forged.replace(old.group(), text, 1))


USF = [
    (rb"/ByteRange \[[^\]]*\]", b""),
    (rb"/ByteRange \[[^\]]*\]", b"/ByteRange null"),
    (rb"/ByteRange \[[^\]]*\]", b"/ByteRange []"),
    (rb"/ByteRange \[[^\]]*\]", b"/ByteRange [0 9]"),
    (rb"/ByteRange \[[^\]]*\]", b"/ByteRange [0 9 20]"),
    (rb"/ByteRange \[[^\]]*\]", b"/ByteRange [0 9 20 5 30 5]"),
    (rb"/ByteRange \[[^\]]*\]", b"/ByteRange [9 9 20 5]"),
    (rb"/ByteRange \[[^\]]*\]", b"/ByteRange [0 9 99999999999 5]"),
    (rb"/ByteRange \[[^\]]*\]", b"/ByteRange (0 9 20 5)"),
    (rb"/ByteRange \[[^\]]*\]", b"/ByteRange [0 0 0 0]"),
    (rb"/ByteRange \[[^\]]*\]", b"/ByteRange [0 -1 9 -1]"),
    (rb"/Contents <[0-9A-Fa-f]*>", b""),
    (rb"/Contents <[0-9A-Fa-f]*>", b"/Contents null"),
    (rb"/Contents <[0-9A-Fa-f]*>", b"/Contents <>"),
    (rb"/Contents <[0-9A-Fa-f]*>", b"/Contents <00>"),
    (rb"/Contents <[0-9A-Fa-f]*>", b"/Contents <3000>"),
    (rb"/Contents <[0-9A-Fa-f]*>", b"/Contents []"),
    (rb"/SubFilter /[A-Za-z.0-9]*", b"/SubFilter /x"),
]


@pytest.mark.parametrize("letter", [tools.signed, tools.archived, tools.approved])
@pytest.mark.parametrize(("pattern", "value"), USF)
def test_universal_forgery_is_found(pattern: bytes, value: bytes, letter: Callable[[], bytes]) -> None:
    """USF: a signature without value or range is not "no signature"; nor is a timestamp."""
    pdf = letter()
    found = list(re.finditer(pattern, pdf))[-1]
    forged = pdf[: found.start()] + value.ljust(len(found.group())) + pdf[found.end() :]
    assert tools.never_valid(forged).verdict in ("altered", "unconfirmed", "unreadable")


@pytest.mark.parametrize("letter", [tools.signed, tools.archived, tools.approved])
@pytest.mark.parametrize("key", ["/ByteRange", "/Contents", "/SubFilter", "/Filter", "/Type"])
def test_universal_forgery_by_a_revision_is_found(key: str, letter: Callable[[], bytes]) -> None:
    """The same in an appended revision: the signature dictionary redefined without one of its entries."""

    def forge(writer: IncrementalPdfFileWriter) -> None:
        fields = writer.root["/AcroForm"]["/Fields"]
        held = fields.raw_get(len(fields) - 1).get_object().raw_get("/V")
        del held.get_object()[pdf_name(key)]
        writer.mark_update(held)

    tools.never_valid(tools.updated(letter(), forge))


def test_a_signature_from_another_letter_does_not_fit() -> None:
    mine, other = tools.signed(), tools.signed(pages=2)
    gap, theirs = tools.parts(mine)[0].gap, tools.parts(other)[0].gap
    value = other[theirs[0] : theirs[1]].ljust(gap[1] - gap[0], b"0")
    assert len(value) == gap[1] - gap[0]
    tools.never_valid(mine[: gap[0]] + value + mine[gap[1] :], "digest-mismatch")


def with_last_contents(pdf: bytes, contents: bytes) -> bytes:
    gap = tools.parts(pdf)[-1].gap
    text = contents.hex().encode().ljust(gap[1] - gap[0] - 2, b"0")
    return pdf[: gap[0]] + b"<" + text + b">" + pdf[gap[1] :]


def last_token(pdf: bytes) -> cms.ContentInfo:
    part = tools.parts(pdf)[-1]
    return cms.ContentInfo.load(part.contents[: part.encoded_length])


def add_certificate(info: cms.ContentInfo) -> None:
    stranger = pki.certificate(pki.authority(), "ocsp")
    info["content"]["certificates"].append(cms.CertificateChoices("certificate", stranger))


def repeat_certificate(info: cms.ContentInfo) -> None:
    held = info["content"]["certificates"]
    held.append(held[0])


def drop_certificate(info: cms.ContentInfo) -> None:
    held = info["content"]["certificates"]
    info["content"]["certificates"] = cms.CertificateSet([held[-1]])


def swap_issuer(info: cms.ContentInfo) -> None:
    """The identifier of the signer's certificate in another spelling, which compares equal as a name."""
    sid = info["content"]["signer_infos"][0]["sid"].chosen
    sid["issuer"] = x509.Name.build({key: value.upper() for key, value in sid["issuer"].native.items()})


def add_attribute(info: cms.ContentInfo) -> None:
    attribute = cms.CMSAttribute({"type": "1.2.3.4.5", "values": [core.Any(core.UTF8String("x"))]})
    info["content"]["signer_infos"][0]["unsigned_attrs"] = cms.CMSAttributes([attribute])


def add_list(info: cms.ContentInfo) -> None:
    info["content"]["crls"] = cms.RevocationInfoChoices([])


def other_version(info: cms.ContentInfo) -> None:
    info["content"]["version"] = "v4"


@pytest.mark.parametrize(
    "attack",
    [
        add_certificate,
        repeat_certificate,
        drop_certificate,
        swap_issuer,
        add_attribute,
        add_list,
        other_version,
    ],
)
def test_additions_to_the_last_timestamp_are_found(attack: object) -> None:
    pdf = tools.archived()
    info = last_token(pdf)
    attack(info)  # type: ignore[operator]
    tools.never_valid(with_last_contents(pdf, info.dump(force=True)), "timestamp-not-canonical")


def test_padding_that_hides_something_is_found() -> None:
    pdf = tools.archived()
    part = tools.parts(pdf)[-1]
    forged = with_last_contents(pdf, part.contents[: part.encoded_length] + b"\0\0rahasia")
    tools.never_valid(forged, "contents-padding")
