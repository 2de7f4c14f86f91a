"""Local PAdES: what the signed file says, to us and to other engines, and every way it can be refused."""

import asyncio
import hashlib
import subprocess
import sys
from datetime import UTC, datetime
from io import BytesIO

import helpers_own as pdfs
import helpers_pki as pki
import pypdfium2
import pytest
from asn1crypto import cms, crl, ocsp
from pyhanko.pdf_utils.generic import NumberObject, pdf_name
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.pdf_utils.writer import copy_into_new_writer
from pyhanko.sign.ades.report import AdESPassed
from pyhanko.sign.fields import SigFieldSpec, append_signature_field
from pyhanko.sign.timestamps import TimeStamper
from pyhanko.sign.validation import ades
from pyhanko.sign.validation.dss import DocumentSecurityStore
from pyhanko.sign.validation.policy_decl import (
    PdfSignatureValidationSpec,
    RevinfoOnlineFetchingRule,
    RevocationInfoGatheringSpec,
    SignatureValidationSpec,
)
from pyhanko_certvalidator.context import CertValidationPolicySpec
from pyhanko_certvalidator.errors import CRLFetchError, OCSPFetchError
from pyhanko_certvalidator.fetchers import CRLFetcher, FetcherBackend, Fetchers, OCSPFetcher
from pyhanko_certvalidator.policy_decl import CertRevTrustPolicy, RevocationCheckingPolicy
from pyhanko_certvalidator.registry import SimpleTrustManager

from signer import pades
from signer.errors import SigningRefused, TimestampUnavailable
from signer.keys.base import Authorities
from signer.placement import Placement

PASSPHRASE = pki.PASSPHRASES["camat"]
ALGORITHMS = pytest.mark.parametrize("algorithm", ["ec", "rsa"])


def signed(algorithm="ec", **changes):
    return pki.key(pki.authority(algorithm)).sign_pdf(pki.request(**changes), PASSPHRASE)


def extended(algorithm="ec", **changes):
    return pades.extend(signed(algorithm, **changes), pki.authorities(pki.authority(algorithm)))


def opened(pdf):
    return PdfFileReader(BytesIO(pdf))


def signature_of(pdf):
    (signature,) = opened(pdf).embedded_regular_signatures
    return signature


# what is signed


@ALGORITHMS
@pytest.mark.parametrize("standard", ["a-4", "a-2b"])
def test_the_rendered_file_is_the_prefix_of_both_steps(algorithm, standard):
    rendered = pki.letter(standard)
    first = signed(algorithm, pdf=rendered)
    second = pades.extend(first, pki.authorities(pki.authority(algorithm)))
    assert first.startswith(rendered)
    assert second.startswith(first)
    assert first[len(rendered) - 5 : len(rendered) + 1] == b"%%EOF\n"  # else the next object hides in the comment


@ALGORITHMS
def test_the_signature_dictionary_is_pades_baseline(algorithm):
    signed_at = datetime(2026, 1, 5, 3, 4, 5, tzinfo=UTC)
    authority = pki.authority(algorithm)
    key = pki.key(authority)
    signatory = key._open(PASSPHRASE, datetime.now(UTC))
    signature = signature_of(pades.sign(pki.request(signed_at=signed_at), signatory, authority.timestamper))
    entries = signature.sig_object
    assert sorted(entries) == sorted(
        ["/ByteRange", "/Contents", "/Filter", "/Location", "/M", "/Reference", "/SubFilter", "/Type"]
    )
    assert entries["/SubFilter"] == "/ETSI.CAdES.detached"
    assert entries["/M"] == "D:20260105030405Z"
    assert entries["/Location"] == "Trawas"
    assert signature.self_reported_timestamp == signed_at
    assert signature.field_name == "TandaTanganCamat"


def test_it_certifies_and_allows_no_changes():
    reader = opened(signed())
    assert reader.root["/Perms"]["/DocMDP"] == reader.embedded_signatures[0].sig_object
    (reference,) = reader.embedded_signatures[0].sig_object["/Reference"]
    assert reference["/TransformMethod"] == "/DocMDP"
    assert reference["/TransformParams"]["/P"] == 1


@ALGORITHMS
def test_the_cms_is_the_parafs_without_a_claimed_time(algorithm):
    signature = signature_of(signed(algorithm))
    info = signature.signer_info
    kinds = sorted(attribute["type"].native for attribute in info["signed_attrs"])
    assert kinds == ["content_type", "message_digest", "signing_certificate_v2"]
    assert [attribute["type"].native for attribute in info["unsigned_attrs"]] == ["signature_time_stamp_token"]
    cms_length = len(cms.ContentInfo.load(signature.pkcs7_content).dump())
    assert not any(signature.pkcs7_content[cms_length:])


def test_metadata_and_version_stay_as_rendered():
    for standard, version in (("a-4", (2, 0)), ("a-2b", (1, 7))):
        rendered = pki.letter(standard)
        before, after = opened(rendered), opened(extended(pdf=rendered))
        assert after.root["/Metadata"].data == before.root["/Metadata"].data
        assert after.trailer.raw_get("/Root").reference.idnum == before.trailer.raw_get("/Root").reference.idnum
        assert after.input_version == version
        assert "/Version" not in after.root
        assert dict(after.trailer.flatten()).get("/Info") == dict(before.trailer.flatten()).get("/Info")


def test_a_certified_pdf_2_file_declares_its_curve_and_an_older_one_pades():
    assert list(opened(signed()).root["/Extensions"]) == ["/ISO_"]
    assert list(opened(signed("ec", pdf=pki.letter("a-2b"))).root["/Extensions"]) == ["/ESIC"]
    assert "/Extensions" not in opened(signed("rsa")).root


def test_an_uploaded_hybrid_file_can_be_signed():
    reader = opened(extended(pdf=pdfs.hybrid()))
    assert reader.xrefs.hybrid_xrefs_present
    assert reader.root["/Lang"] == "id"
    assert len(reader.embedded_signatures) == 2


# what proves it later


@ALGORITHMS
def test_the_security_store_holds_chains_ocsp_and_the_roots_crl_only(algorithm):
    pdf = extended(algorithm)
    authority = pki.authority(algorithm)
    store = DocumentSecurityStore.read_dss(opened(pdf))
    expected = [pki.certificate(authority, kind) for kind in ("root", "ca", "tsa", "ocsp")]
    expected.append(pki.key(authority).certificate)
    assert {c.sha256 for c in store.load_certs()} == {c.sha256 for c in expected}
    responses = [ocsp.OCSPResponse.load(ref.get_object().data).response_data for ref in store.ocsps]
    serials = {response["responses"][0]["cert_id"]["serial_number"].native for response in responses}
    assert serials == {expected[2].serial_number, expected[4].serial_number}
    lists = [crl.CertificateList.load(ref.get_object().data) for ref in store.crls]
    assert [one.issuer for one in lists] == [authority.root.subject]
    identifier = hashlib.sha1(signature_of(pdf).pkcs7_content).hexdigest().upper()
    assert list(store.vri_entries) == [f"/{identifier}"]


@ALGORITHMS
def test_a_document_timestamp_covers_everything(algorithm):
    pdf = extended(algorithm)
    (stamp,) = opened(pdf).embedded_timestamp_signatures
    start, before, gap_end, after = stamp.byte_range
    assert (start, gap_end + after) == (0, len(pdf))
    assert stamp.field_name == "Timestamp1"
    token = stamp.signed_data["encap_content_info"]["content"].parsed
    covered = hashlib.sha256(pdf[:before] + pdf[gap_end:]).digest()
    assert token["message_imprint"]["hashed_message"].native == covered


@ALGORITHMS
def test_pyhanko_finds_b_lta_passed_without_network(algorithm):
    policy = CertValidationPolicySpec(
        trust_manager=SimpleTrustManager.build(trust_roots=[pki.authority(algorithm).root]),
        revinfo_policy=CertRevTrustPolicy(RevocationCheckingPolicy.from_legacy("require")),
    )
    gathering = RevocationInfoGatheringSpec(online_fetching_rule=RevinfoOnlineFetchingRule.LOCAL_ONLY)
    spec = PdfSignatureValidationSpec(SignatureValidationSpec(policy, revinfo_gathering_policy=gathering))
    result = asyncio.run(ades.ades_lta_validation(signature_of(extended(algorithm)), spec))
    assert result.ades_subindic is AdESPassed.OK
    assert result.api_status.bottom_line


@ALGORITHMS
def test_poppler_and_pyhankos_command_find_it_valid(algorithm, tmp_path):
    letter, trust = tmp_path / "letter.pdf", tmp_path / "trust.pem"
    letter.write_bytes(extended(algorithm))
    trust.write_bytes(pki.authority(algorithm).trust_pem())
    told = subprocess.run(["pdfsig", "-nocert", letter], capture_output=True, text=True, check=False).stdout
    assert told.count("Signature is Valid.") == 1
    assert "Signature Type: ETSI.CAdES.detached" in told
    # the command does not read the security store, and the authority's addresses do not answer here
    command = [sys.executable, "-m", "pyhanko", "sign", "validate", "--soft-revocation-check"]
    options = ["--trust-replace", "--trust", trust]
    verdict = subprocess.run([*command, *options, letter], capture_output=True, text=True, check=False)
    assert verdict.returncode == 0, verdict.stderr
    assert "INTACT:TRUSTED,TIMESTAMP_TOKEN<INTACT:TRUSTED>" in verdict.stdout


def test_another_authoritys_document_timestamp_brings_its_own_proof(tmp_path):
    ours, other = pki.authority(), pki.new_authority(tmp_path / "pki")
    both = Authorities((ours.root, other.root), (), other.timestamper, Both(ours.fetchers, other.fetchers))
    first = signed()
    pdf = pades.extend(first, both)
    assert pdf.startswith(first)
    store = DocumentSecurityStore.read_dss(opened(pdf))
    proven = {certificate.sha256 for certificate in store.load_certs()}
    for authority in (ours, other):
        assert {pki.certificate(authority, kind).sha256 for kind in ("root", "ca", "tsa")} <= proven
    assert len(store.vri_entries) == 1
    assert len(store.crls) == 2


def test_a_letter_can_be_timestamped_again():
    pdf = extended()
    again = pades.extend(pdf, pki.authorities(pki.authority()))
    names = [stamp.field_name for stamp in opened(again).embedded_timestamp_signatures]
    assert names == ["Timestamp1", "Timestamp2"]


# what is seen


def picture(pdf, page=0):
    document = pypdfium2.PdfDocument(pdf)
    document.init_forms()
    image = document[page].render(scale=1, may_draw_forms=True).to_pil().convert("L")
    document.close()
    return image


def black_box(image):
    """(left, top, right, bottom) of the pixels that are quite black, in points from the top left."""
    return image.point(lambda value: 255 if value < 40 else 0).getbbox()


@pytest.mark.parametrize(("page", "pages"), [(0, 1), (1, 3)])
def test_the_appearance_fills_its_box_on_its_page(page, pages):
    request = {"pdf": pki.letter(pages=pages), "placement": Placement(page, pki.PLACEMENT.box)}
    image = picture(extended(**request), page)
    left, bottom, _, top = pki.PLACEMENT.box
    block = image.crop((320, 600, 560, 760))  # the signature's surroundings, without the letter's own text
    found = black_box(block)
    expected = (left - 320, image.height - top - 600, left + 50 - 320, image.height - bottom - 600)
    assert all(abs(a - b) <= 2 for a, b in zip(found[:2], expected[:2], strict=True))
    assert found[3] - found[1] == pytest.approx(100, abs=2)
    empty = picture(pki.letter(pages=pages), page).crop((320, 600, 560, 760))
    assert black_box(empty) is None


def turned(degrees):
    """A page without text, shown turned clockwise."""
    writer = IncrementalPdfFileWriter(BytesIO(pki.letter(pages=0)))
    page = writer.find_page_for_modification(0)[0].get_object()
    page[pdf_name("/Rotate")] = NumberObject(degrees)
    writer.update_container(page)
    output = BytesIO()
    writer.write(output)
    return output.getvalue()


@pytest.mark.parametrize("degrees", [90, 180, 270, 450])
def test_it_reads_upright_on_a_turned_page(degrees):
    wide = Placement(0, (300.0, 300.0, 500.0, 400.0))
    tall = Placement(0, (300.0, 300.0, 400.0, 500.0))
    placement = wide if degrees == 180 else tall
    image = picture(signed(pdf=turned(degrees), placement=placement))
    dark = black_box(image)
    width, height = dark[2] - dark[0], dark[3] - dark[1]
    assert height == pytest.approx(100, abs=2)  # the block is 50 wide and 100 high, at the left, as one sees it
    beside = image.crop((dark[0] + 60, dark[1], dark[0] + 200, dark[3]))
    assert width < 210
    assert beside.getextrema()[0] < 200  # the text stands at its right
    assert image.crop((dark[0], dark[1], dark[0] + 50, dark[3])).getextrema()[1] < 60


def test_fonts_travel_with_the_appearance():
    form = signature_of(signed()).sig_field["/AP"]["/N"]
    fonts = form["/Resources"]["/Font"]
    descriptors = [
        fonts[name]["/DescendantFonts"][0]["/FontDescriptor"] for name in fonts if "/DescendantFonts" in fonts[name]
    ]
    assert descriptors
    assert all({"/FontFile2", "/FontFile3"} & set(descriptor) for descriptor in descriptors)


# what is refused


def refused(match=None, **changes):
    with pytest.raises(SigningRefused, match=match):
        signed(**changes)


def test_a_certification_is_the_first_signature():
    refused("already signed", pdf=signed())


def test_an_empty_field_of_the_name_is_not_filled():
    writer = IncrementalPdfFileWriter(BytesIO(pki.letter()))
    append_signature_field(writer, SigFieldSpec("TandaTanganCamat", box=(0, 0, 10, 10)))
    output = BytesIO()
    writer.write(output)
    refused("already has a signature field", pdf=output.getvalue())
    assert signed(pdf=output.getvalue(), field="Lain")


@pytest.mark.parametrize("pdf", [b"x", b"%PDF-1.7\n", b"%PDF-2.0\n%%EOF", b"\xff\xd8\xff\xe0 jpeg"])
def test_what_is_no_pdf_is_refused(pdf):
    refused("cannot carry", pdf=pdf)
    with pytest.raises(SigningRefused):
        pades.extend(pdf, pki.authorities(pki.authority()))


def test_a_cut_letter_is_refused():
    whole = pki.letter()
    for end in range(10, len(whole) - 10, len(whole) // 20):
        refused(pdf=whole[:end])


def test_a_page_that_is_not_there_is_refused():
    refused("cannot carry", placement=Placement(7, pki.PLACEMENT.box))


def test_an_encrypted_letter_is_refused():
    writer = copy_into_new_writer(opened(pki.letter()))
    writer.encrypt(owner_pass="pemilik", user_pass="pemakai")
    output = BytesIO()
    writer.write(output)
    refused("cannot carry", pdf=output.getvalue())


class Silent(TimeStamper):
    async def async_request_tsa_response(self, req):
        raise OSError("connection refused")


def test_without_a_timestamp_nothing_is_signed():
    signatory = pki.key(pki.authority())._open(PASSPHRASE, datetime.now(UTC))
    with pytest.raises(TimestampUnavailable):
        pades.sign(pki.request(), signatory, Silent())


def test_without_a_document_timestamp_nothing_is_extended():
    authority = pki.authority()
    silent = Authorities((authority.root,), (), Silent(), authority.fetchers)
    with pytest.raises(TimestampUnavailable):
        pades.extend(signed(), silent)


@pytest.mark.parametrize("pdf", ["unsigned", "no timestamp"])
def test_only_a_timestamped_signature_is_extended(pdf):
    content = pki.letter()
    if pdf == "no timestamp":
        content = without_timestamp(signed())
    with pytest.raises(SigningRefused, match="no timestamped signature"):
        pades.extend(content, pki.authorities(pki.authority()))


def without_timestamp(pdf):
    """The signed file with the timestamp cut out of its CMS (padded to the same length)."""
    signature = signature_of(pdf)
    content_info = cms.ContentInfo.load(signature.pkcs7_content)
    info = content_info["content"]["signer_infos"][0]
    fields = {name: info[name] for name in ("version", "sid", "digest_algorithm", "signed_attrs")}
    fields |= {name: info[name] for name in ("signature_algorithm", "signature")}
    content_info["content"]["signer_infos"] = [cms.SignerInfo(fields)]
    bare = content_info.dump().ljust(len(signature.pkcs7_content), b"\0")
    return pdf.replace(signature.pkcs7_content.hex().upper().encode(), bare.hex().upper().encode())


def test_a_revoked_signer_gets_no_letter(tmp_path):
    authority = pki.new_authority(tmp_path / "pki")
    pdf = pki.key(authority).sign_pdf(pki.request(), PASSPHRASE)
    authority.revoke(authority.person_certificate("camat").serial_number)
    with pytest.raises(SigningRefused, match="revoked") as caught:
        pades.extend(pdf, pki.authorities(authority))
    assert "dicabut" in caught.value.id


def test_an_unknown_issuer_gets_no_letter():
    other = pki.authorities(pki.authority("rsa"))
    with pytest.raises(SigningRefused, match="trust anchor"):
        pades.extend(signed("ec"), other)


def test_without_revocation_answers_there_is_no_letter():
    authority = pki.authority()
    mute = Authorities((authority.root,), (authority.issuing,), authority.timestamper, Both())
    with pytest.raises(SigningRefused, match="trust anchor"):
        pades.extend(signed(), mute)


class Both(FetcherBackend):
    """Revocation data of whichever backend answers; none: nobody does."""

    def __init__(self, *backends):
        self.backends = backends

    def get_fetchers(self):
        sets = [backend.get_fetchers() for backend in self.backends]
        issuers = sets[0].cert_fetcher if sets else pki.authority().fetchers.get_fetchers().cert_fetcher
        return Fetchers(AnyOcsp([one.ocsp_fetcher for one in sets]), AnyCrl([one.crl_fetcher for one in sets]), issuers)


class AnyOcsp(OCSPFetcher):
    def __init__(self, fetchers):
        self.fetchers = fetchers

    async def fetch(self, cert, authority):
        for fetcher in self.fetchers:
            try:
                return await fetcher.fetch(cert, authority)
            except OCSPFetchError:
                continue
        raise OCSPFetchError("nobody answers")

    def fetched_responses(self):
        return [one for fetcher in self.fetchers for one in fetcher.fetched_responses()]

    def fetched_responses_for_cert(self, cert):
        return [one for fetcher in self.fetchers for one in fetcher.fetched_responses_for_cert(cert)]


class AnyCrl(CRLFetcher):
    def __init__(self, fetchers):
        self.fetchers = fetchers

    async def fetch(self, cert, *, use_deltas=None):
        found = []
        for fetcher in self.fetchers:
            try:
                found += await fetcher.fetch(cert, use_deltas=use_deltas)
            except CRLFetchError:
                continue
        if not found:
            raise CRLFetchError("nobody answers")
        return found

    def fetched_crls(self):
        return [one for fetcher in self.fetchers for one in fetcher.fetched_crls()]

    def fetched_crls_for_cert(self, cert):
        return [one for fetcher in self.fetchers for one in fetcher.fetched_crls_for_cert(cert)]
