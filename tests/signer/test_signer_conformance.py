"""Structural conformance of what we sign, from the raw bytes alone: ETSI EN 319 142-1 V1.2.1 (PAdES baseline B-LTA).

Read with the tests' own PDF and DER reader and asn1crypto's CMS structures; pyHanko's validator has no part in it.
Each assertion names the clause it stands for.
"""

from __future__ import annotations

import hashlib
import re
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import helpers_attacks as tools
import helpers_bytes
import pytest
from asn1crypto import cms, crl, ocsp, tsp, x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import load_der_public_key
from helpers_bytes import Dictionary, Raw, Ref
from helpers_office import opened

from signer.tables.letters import LetterFile


@pytest.fixture(scope="module", params=["ec", "rsa", "office"])
def letter(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Raw:
    """Letters of both kinds of key, and one that went through the office's whole flow."""
    if request.param != "office":
        return Raw(tools.archived(request.param))
    with contextmanager(opened)("sqlite", tmp_path_factory.mktemp("office") / "instance") as office:
        office.berkas(step=6)
        [file] = office.rows(LetterFile)
        return Raw(office.desk.blobs.get_checked(file.blob_key, file.sha256))


def signature(letter: Raw) -> Dictionary:
    return letter.signatures()[0][1]


def signed_data(holder: Dictionary) -> cms.SignedData:
    return cms.ContentInfo.load(holder["/Contents"])["content"]


def encoded(holder: Dictionary) -> bytes:
    """The CMS as it stands, without the padding of /Contents, which must be zeros."""
    contents = holder["/Contents"]
    head = 2 + (contents[1] & 0x7F if contents[1] & 0x80 else 0)
    size = int.from_bytes(contents[2:head], "big") if contents[1] & 0x80 else contents[1]
    assert not contents[head + size :].strip(b"\0"), "ISO 32000-2 clause 12.8.1: unused room of /Contents is zeros"
    return bytes(contents[: head + size])


def attributes(info: cms.SignerInfo, kind: str = "signed_attrs") -> dict[str, list[cms.CMSAttribute]]:
    found: dict[str, list[cms.CMSAttribute]] = {}
    for attribute in info[kind]:
        found.setdefault(attribute["type"].native, []).append(attribute)
    return found


def covered(letter: Raw, holder: Dictionary) -> bytes:
    """The bytes that a signature's range takes in; the range must leave out its own value and nothing else."""
    start, first, second, length = holder["/ByteRange"]
    assert start == 0, "ISO 32000-2 clause 12.8.1: the range starts at the file's first byte"
    assert (first, second) == holder.place("/Contents"), "ISO 32000-2 12.8.1: the gap is exactly /Contents"
    return letter.data[:first] + letter.data[second : second + length]


def certificates(data: cms.SignedData) -> list[x509.Certificate]:
    return [choice.chosen for choice in data["certificates"]]


def signer_of(data: cms.SignedData) -> x509.Certificate:
    serial = data["signer_infos"][0]["sid"].chosen["serial_number"].native
    [found] = [one for one in certificates(data) if one.serial_number == serial]
    return found


def require_signed(signed: bytes, value: bytes, algorithm: str, by: x509.Certificate) -> None:
    """Raise InvalidSignature unless the value is the key's over `signed`: plain algorithms, no validator between."""
    key = load_der_public_key(by.public_key.dump())
    chosen = {"sha256": hashes.SHA256(), "sha384": hashes.SHA384(), "sha512": hashes.SHA512()}[algorithm]
    if isinstance(key, ec.EllipticCurvePublicKey):
        key.verify(value, signed, ec.ECDSA(chosen))
    else:
        assert isinstance(key, rsa.RSAPublicKey), "ETSI TS 119 312 clause 6: RSA or an elliptic curve"
        key.verify(value, signed, padding.PKCS1v15(), chosen)


# the signature dictionary


@pytest.mark.parametrize("key", ["/M", "/Contents", "/Filter", "/ByteRange", "/SubFilter"])
def test_each_entry_stands_once(letter: Raw, key: str) -> None:
    assert signature(letter).keys().count(key) == 1, f"EN 319 142-1 clause 6.3 table 1: one entry {key}"


def test_entries_that_pades_forbids_are_absent(letter: Raw) -> None:
    keys = signature(letter).keys()
    assert "/Cert" not in keys, "EN 319 142-1 clause 5.3: no /Cert with ETSI.CAdES.detached"
    committed = "commitment_type_indication" in attributes(signed_data(signature(letter))["signer_infos"][0])
    assert not (committed and "/Reason" in keys), "EN 319 142-1 6.3 table 1: no /Reason beside a commitment type"


def test_names_say_pades(letter: Raw) -> None:
    holder = signature(letter)
    assert holder["/Type"] == "/Sig", "ISO 32000-2 clause 12.8.1 table 255: /Type is /Sig"
    assert holder["/SubFilter"] == "/ETSI.CAdES.detached", "EN 319 142-1 clause 6.3 table 1: /SubFilter"
    assert holder["/Filter"].startswith("/"), "EN 319 142-1 clause 6.3 table 1: /Filter is a name"


def test_the_claimed_time_is_in_m(letter: Raw) -> None:
    text = signature(letter)["/M"].decode("ascii")
    found = re.fullmatch(r"D:(\d{14})(?:Z|[+-]\d\d'\d\d'?)", text)
    assert found, "EN 319 142-1 clause 6.3 table 1: /M is the claimed signing time, a date of ISO 32000-2 clause 7.9.4"
    claimed = datetime.strptime(found.group(1), "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    stamped = imprint(token_of(letter))[2]
    assert abs(stamped - claimed) < timedelta(hours=1), "ISO 32000-2 clause 12.8.1 table 255: /M is when it was signed"


# the CMS


def test_contents_is_der_of_one_signed_data(letter: Raw) -> None:
    for _, holder in letter.signatures():
        helpers_bytes.require_der(encoded(holder))  # EN 319 142-1 clause 4.1: DER-encoded SignedData
        info = cms.ContentInfo.load(encoded(holder), strict=True)
        assert info["content_type"].native == "signed_data", "EN 319 142-1 clause 4.1: /Contents holds SignedData"
        assert len(info["content"]["signer_infos"]) == 1, "EN 319 142-1 clause 4.1: exactly one SignerInfo"


def test_signed_attributes_are_in_der_order(letter: Raw) -> None:
    info = signed_data(signature(letter))["signer_infos"][0]
    helpers_bytes.require_sorted(info["signed_attrs"].contents)  # RFC 5652 clause 5.3: SignedAttributes in DER
    for _, holder in letter.signatures():
        helpers_bytes.require_sorted(signed_data(holder)["certificates"].contents)  # X.690 clause 11.6: SET OF


def test_the_content_is_detached(letter: Raw) -> None:
    content = signed_data(signature(letter))["encap_content_info"]
    assert content["content_type"].native == "data", "EN 319 142-1 clause 6.3 table 1: content-type is id-data"
    assert content["content"].native is None, "EN 319 142-1 clause 4.1: no data encapsulated"


def test_the_signing_certificate_is_inside(letter: Raw) -> None:
    data = signed_data(signature(letter))
    assert signer_of(data), "EN 319 142-1 clause 6.3 table 1: SignedData.certificates holds the signing certificate"
    issued = [one for one in certificates(data) if one.subject == signer_of(data).issuer]
    assert issued, "EN 319 142-1 clause 6.3 note on SPO certificates: those of the path too"


@pytest.mark.parametrize("name", ["content_type", "message_digest", "signing_certificate_v2"])
def test_a_demanded_attribute_is_signed_once(letter: Raw, name: str) -> None:
    found = attributes(signed_data(signature(letter))["signer_infos"][0]).get(name, [])
    assert len(found) == 1, f"EN 319 142-1 clause 6.3 table 1: one attribute {name}"
    assert len(found[0]["values"]) == 1, f"EN 319 122-1 clause 5: one value of {name}"


def test_the_attributes_say_what_was_signed(letter: Raw) -> None:
    info = signed_data(signature(letter))["signer_infos"][0]
    held, hashed = attributes(info), info["digest_algorithm"]["algorithm"].native
    assert held["content_type"][0]["values"][0].native == "data", "RFC 5652 clause 11.1: content-type id-data"
    digest = hashlib.new(hashed, covered(letter, signature(letter))).digest()
    assert held["message_digest"][0]["values"][0].native == digest, "RFC 5652 clause 11.2: digest of the range"
    assert hashed in ("sha256", "sha384", "sha512"), "ETSI TS 119 312 clause 5: a hash that is recommended"


def test_the_signing_certificate_is_bound(letter: Raw) -> None:
    data = signed_data(signature(letter))
    held = attributes(data["signer_infos"][0])
    assert "signing_certificate" not in held, "EN 319 122-1 clause 5.2.2.1: v1 only with SHA-1"
    first = held["signing_certificate_v2"][0]["values"][0]["certs"][0]
    hashed = first["hash_algorithm"]["algorithm"].native
    expected = hashlib.new(hashed, signer_of(data).dump()).digest()
    assert first["cert_hash"].native == expected, "EN 319 122-1 clause 5.2.2.3: hash of the signing certificate"


def test_no_signing_time_is_signed(letter: Raw) -> None:
    held = attributes(signed_data(signature(letter))["signer_infos"][0])
    assert "signing_time" not in held, "EN 319 142-1 clause 6.3 table 1: no signing-time attribute, /M instead"
    assert "content_identifier" not in held, "EN 319 142-1 clause 6.3: attributes that PAdES leaves out"


def test_the_value_is_the_signers(letter: Raw) -> None:
    data = signed_data(signature(letter))
    info = data["signer_infos"][0]
    signed = b"\x31" + info["signed_attrs"].dump()[1:]  # RFC 5652 clause 5.4: SET OF in the place of [0]
    hashed = info["digest_algorithm"]["algorithm"].native
    require_signed(signed, info["signature"].native, hashed, signer_of(data))  # RFC 5652 clause 5.6


# timestamps


def token_of(letter: Raw) -> cms.SignedData:
    unsigned = attributes(signed_data(signature(letter))["signer_infos"][0], "unsigned_attrs")
    assert set(unsigned) == {"signature_time_stamp_token"}, "EN 319 142-1 clause 6.3: B-T adds the timestamp alone"
    return unsigned["signature_time_stamp_token"][0]["values"][0]["content"]


def imprint(data: cms.SignedData) -> tuple[str, bytes, datetime]:
    info = tsp.TSTInfo.load(bytes(data["encap_content_info"]["content"]))
    held = info["message_imprint"]
    return held["hash_algorithm"]["algorithm"].native, held["hashed_message"].native, info["gen_time"].native


def test_the_signature_is_timestamped(letter: Raw) -> None:
    hashed, found, _ = imprint(token_of(letter))
    value = signed_data(signature(letter))["signer_infos"][0]["signature"].native
    assert found == hashlib.new(hashed, value).digest(), "EN 319 122-1 clause 5.3: the imprint is the signature value's"
    assert signer_of(token_of(letter)), "EN 319 142-1 clause 6.3: the token holds its authority's certificate"


def test_the_last_timestamp_covers_the_whole_file(letter: Raw) -> None:
    _, holder = letter.signatures()[-1]
    assert holder["/Type"] == "/DocTimeStamp", "EN 319 142-1 clause 5.4.3: /Type is /DocTimeStamp"
    assert holder["/SubFilter"] == "/ETSI.RFC3161", "EN 319 142-1 clause 5.4.3: /SubFilter"
    _, first, second, length = holder["/ByteRange"]
    assert second + length == len(letter.data), "EN 319 142-1 clause 5.4.3: all but its own /Contents"
    hashed, found, _ = imprint(signed_data(holder))
    assert found == hashlib.new(hashed, covered(letter, holder)).digest(), "RFC 3161 clause 2.4.2: the range's digest"
    store = letter.root()["/DSS"]
    assert letter.objects[store.number][-1][0] < first, (
        "EN 319 142-1 clause 6.3 table 1: the timestamp is after the DSS"
    )


def test_timestamps_do_not_certify(letter: Raw) -> None:
    [stamp] = [holder for _, holder in letter.signatures() if holder["/Type"] == "/DocTimeStamp"]
    for key in ("/Cert", "/Reference", "/Changes", "/R", "/Prop_AuthTime", "/Prop_AuthType", "/M", "/Location"):
        assert key not in stamp, f"EN 319 142-1 clause 5.4.3: no {key} in a document timestamp"


# validation data


def store(letter: Raw, key: str) -> list[bytes]:
    return [letter.of(raw).stream for raw in letter.of(letter.root()["/DSS"]).get(key, [])]


def everyone(letter: Raw) -> dict[int, x509.Certificate]:
    """Every certificate that a signature in the letter rests on, by serial number."""
    held = [x509.Certificate.load(der) for der in store(letter, "/Certs")]
    holders = [signed_data(holder) for _, holder in letter.signatures()] + [token_of(letter)]
    for data in holders:
        held += certificates(data)
    return {one.serial_number: one for one in held}


def responses(letter: Raw) -> list[ocsp.BasicOCSPResponse]:
    return [ocsp.OCSPResponse.load(der).basic_ocsp_response for der in store(letter, "/OCSPs")]


def needs_status(certificate: x509.Certificate) -> bool:
    return certificate.self_signed == "no" and certificate.ocsp_no_check_value is None


def test_the_store_has_every_certificate_of_the_paths(letter: Raw) -> None:
    known = everyone(letter)
    subjects = {one.subject.hashable for one in known.values()}
    for certificate in known.values():
        assert certificate.issuer.hashable in subjects, "EN 319 142-1 clause 5.4.2.2: certificates up to the anchor"


def test_every_certificate_that_needs_it_has_its_status(letter: Raw) -> None:
    by_ocsp = {
        single["cert_id"]["serial_number"].native
        for response in responses(letter)
        for single in response["tbs_response_data"]["responses"]
        if single["cert_status"].name == "good"
    }
    lists = [crl.CertificateList.load(der) for der in store(letter, "/CRLs")]
    issuers = {one.issuer.hashable for one in lists}
    needing = [one for one in everyone(letter).values() if needs_status(one)]
    assert len(needing) >= 3, "signer, timestamp authority and issuing CA need status data"
    for one in needing:
        found = one.serial_number in by_ocsp or one.issuer.hashable in issuers
        assert found, f"EN 319 142-1 clause 6.3 table 1 (B-LT): status of {one.subject.human_friendly}"


def test_the_status_data_is_signed_by_whom_it_must(letter: Raw) -> None:
    known = list(everyone(letter).values())
    for response in responses(letter):
        [responder, *_] = [one for one in [*(response["certs"] or ()), *known] if _answers(response, one)]
        hashed = response["signature_algorithm"].hash_algo
        require_signed(response["tbs_response_data"].dump(), response["signature"].native, hashed, responder)
    for der in store(letter, "/CRLs"):
        one = crl.CertificateList.load(der)
        [issuer] = [who for who in known if who.subject == one.issuer]
        hashed = one["signature_algorithm"].hash_algo
        require_signed(one["tbs_cert_list"].dump(), one["signature"].native, hashed, issuer)


def _answers(response: ocsp.BasicOCSPResponse, certificate: x509.Certificate) -> bool:
    named = response["tbs_response_data"]["responder_id"]
    if named.name == "by_key":
        return bool(certificate.public_key.sha1 == named.chosen.native)
    return bool(certificate.subject == named.chosen)


def test_the_status_was_asked_after_signing(letter: Raw) -> None:
    _, _, stamped = imprint(token_of(letter))
    for response in responses(letter):
        for single in response["tbs_response_data"]["responses"]:
            assert single["this_update"].native >= stamped, "EN 319 142-1 clause 6.3: status after the signature's time"


def test_the_validation_data_is_related_to_the_signature(letter: Raw) -> None:
    related = letter.of(letter.root()["/DSS"])["/VRI"]
    name = "/" + hashlib.sha1(signature(letter)["/Contents"], usedforsecurity=False).hexdigest().upper()
    assert related.keys() == [name], "EN 319 142-1 clause 5.4.2.3: the key is the SHA-1 of /Contents in capitals"
    entry, whole = letter.of(related[name]), letter.of(letter.root()["/DSS"])
    for own, all_of in (("/Cert", "/Certs"), ("/OCSP", "/OCSPs"), ("/CRL", "/CRLs")):
        numbers = {raw.number for raw in whole.get(all_of, [])}
        assert {raw.number for raw in entry.get(own, [])} <= numbers, (
            f"EN 319 142-1 clause 5.4.2.3: {own} is in the DSS"
        )
    assert entry.get("/Cert") and (entry.get("/OCSP") or entry.get("/CRL")), "EN 319 142-1 clause 5.4.2.3"


# certification


def test_the_signature_certifies_and_allows_nothing(letter: Raw) -> None:
    reference, holder = letter.signatures()[0]
    assert letter.root()["/Perms"]["/DocMDP"] == reference, "ISO 32000-2 clause 12.8.6: /Perms/DocMDP is this signature"
    [method] = holder["/Reference"]
    assert method["/TransformMethod"] == "/DocMDP", "ISO 32000-2 clause 12.8.2.2"
    assert method["/TransformParams"]["/P"] == 1, "ISO 32000-2 table 257: P=1, no changes permitted"
    assert method["/TransformParams"]["/V"] == "/1.2", "ISO 32000-2 table 257: /V is /1.2"


def test_the_form_lists_both_signatures(letter: Raw) -> None:
    form = letter.of(letter.root()["/AcroForm"])
    assert form["/SigFlags"] & 3 == 3, "ISO 32000-2 clause 12.7.3 table 225: SignaturesExist and AppendOnly"
    fields = [letter.of(raw) for raw in form["/Fields"]]
    values = [one["/V"] for one in fields if one.get("/FT") == "/Sig"]
    assert values == [Ref(reference.number) for reference, _ in letter.signatures()], "ISO 32000-2 clause 12.7.5.5"
