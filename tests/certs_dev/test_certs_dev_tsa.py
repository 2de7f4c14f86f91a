"""Timestamps, judged by openssl, byte by byte, and by pyHanko."""

from __future__ import annotations

import asyncio
import hashlib
import statistics
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from asn1crypto import algos, cms, core, tsp
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyhanko.sign.timestamps.common_utils import TimestampRequestError

from certs_dev.authority import DevAuthority
from certs_dev.tsa import POLICY, Refusal

LENGTHS = {"sha256": 32, "sha384": 48, "sha512": 64}
Pems = Callable[[DevAuthority, Path], None]


def query(**change: object) -> tsp.TimeStampReq:
    facts: dict[str, object] = {
        "version": "v1",
        "message_imprint": {"hash_algorithm": {"algorithm": "sha256"}, "hashed_message": bytes(32)},
        "cert_req": True,
        "nonce": 2**63 + 5,
        **change,
    }
    return tsp.TimeStampReq({name: value for name, value in facts.items() if value is not None})


def token(authority: DevAuthority, request: tsp.TimeStampReq) -> cms.SignedData:
    answer = tsp.TimeStampResp.load(authority.tsa(request.dump()), strict=True)
    assert answer["status"]["status"].native == "granted"
    return answer["time_stamp_token"]["content"]


def info(signed: cms.SignedData) -> tsp.TSTInfo:
    return signed["encap_content_info"]["content"].parsed


@pytest.mark.parametrize("algorithm", LENGTHS)
def test_openssl_verifies_a_token(
    either: DevAuthority, algorithm: str, openssl: Callable[..., str], pems: Pems, tmp_path: Path
) -> None:
    pems(either, tmp_path)
    (tmp_path / "letter").write_bytes(b"surat")
    openssl("ts", "-query", "-data", "letter", f"-{algorithm}", "-cert", "-out", "query")
    (tmp_path / "reply").write_bytes(either.tsa((tmp_path / "query").read_bytes()))
    assert "Verification: OK" in openssl("ts", "-verify", "-queryfile", "query", "-in", "reply", "-CAfile", "root.pem")
    openssl("ts", "-verify", "-data", "letter", "-in", "reply", "-CAfile", "root.pem")
    (tmp_path / "other").write_bytes(b"surat lain")
    openssl("ts", "-verify", "-data", "other", "-in", "reply", "-CAfile", "root.pem", ok=False)
    said = openssl("ts", "-reply", "-in", "reply", "-text")
    assert f"Policy OID: {POLICY}" in said
    assert "Accuracy: 0x01 seconds" in said


def test_a_token_without_certificates_verifies_with_them_at_hand(
    either: DevAuthority, openssl: Callable[..., str], pems: Pems, tmp_path: Path
) -> None:
    pems(either, tmp_path)
    (tmp_path / "letter").write_bytes(b"surat")
    openssl("ts", "-query", "-data", "letter", "-sha256", "-no_nonce", "-out", "query")
    reply = either.tsa((tmp_path / "query").read_bytes())
    (tmp_path / "reply").write_bytes(reply)
    signed = tsp.TimeStampResp.load(reply)["time_stamp_token"]["content"]
    assert signed["certificates"].native is None
    assert info(signed)["nonce"].native is None
    (tmp_path / "others.pem").write_bytes((tmp_path / "tsa.pem").read_bytes() + (tmp_path / "ca.pem").read_bytes())
    chain = ("-CAfile", "root.pem", "-untrusted", "others.pem")
    openssl("ts", "-verify", "-queryfile", "query", "-in", "reply", *chain)


def test_a_token_repeats_the_request_and_tells_the_time(either: DevAuthority) -> None:
    request = query()
    told = info(token(either, request))
    assert told["message_imprint"].dump() == request["message_imprint"].dump()
    assert told["nonce"].native == request["nonce"].native
    assert told["policy"].native == POLICY
    assert told["accuracy"].native == {"seconds": 1, "millis": None, "micros": None}
    assert timedelta() <= datetime.now(UTC) - told["gen_time"].native < timedelta(seconds=5)
    assert info(token(either, query(req_policy=POLICY)))["policy"].native == POLICY


def test_serial_numbers_never_repeat(either: DevAuthority) -> None:
    serials = {info(token(either, query()))["serial_number"].native for _ in range(50)}
    assert len(serials) == 50
    assert all(serial.bit_length() == 128 for serial in serials)


def test_a_token_is_canonical_and_holds_nothing_needless(either: DevAuthority) -> None:
    response = either.tsa(query().dump())
    require_der(response)
    parsed = tsp.TimeStampResp.load(response)
    signed = parsed["time_stamp_token"]["content"]
    assert signed["version"].native == "v3"
    assert signed["crls"].native is None
    embedded = [one.chosen.dump() for one in signed["certificates"]]
    tsa = [certificate for certificate in embedded if certificate != either.issuing.dump()]
    assert len(embedded) == 2
    assert len(tsa) == 1
    assert embedded == sorted(embedded)  # a SET OF in DER is ordered
    (signer,) = signed["signer_infos"]
    assert signer["version"].native == "v1"
    assert signer["unsigned_attrs"].native is None
    attributes = {one["type"].native: one["values"] for one in signer["signed_attrs"]}
    assert set(attributes) == {"content_type", "message_digest", "signing_certificate_v2"}
    encoded = [one.dump() for one in signer["signed_attrs"]]
    assert encoded == sorted(encoded)
    (reference,) = attributes["signing_certificate_v2"][0]["certs"]
    assert reference["cert_hash"].native == hashlib.sha256(tsa[0]).digest()
    require_der(signed["encap_content_info"]["content"].contents)


def require_der(data: bytes) -> None:
    """Every length definite and as short as can be, through all levels (X.690, 10.1)."""
    while data:
        length, start = data[1], 2
        if length >= 0x80:
            count = length & 0x7F
            start = 2 + count
            length = int.from_bytes(data[2:start])
            assert count
            assert length >= max(0x80, 1 << 8 * (count - 1))
        content, rest = data[start : start + length], data[start + length :]
        assert len(content) == length
        if data[0] & 0x20:
            require_der(content)
        data = rest


def strange_imprint() -> bytes:
    """A request whose imprint has its length in the long form: the same value, not DER."""
    good = query()
    imprint = good["message_imprint"].dump()
    long = imprint[:1] + b"\x81" + imprint[1:2] + imprint[2:]
    body = good["version"].dump() + long + good["cert_req"].dump()
    return b"\x30" + bytes([len(body)]) + body


def imprint(algorithm: str, length: int, parameters: core.Asn1Value | None = None) -> dict[str, object]:
    hash_algorithm = algos.AlgorithmIdentifier({"algorithm": algorithm})
    if parameters is not None:
        hash_algorithm["parameters"] = core.Any(parameters)
    known = algos.DigestAlgorithm.load(hash_algorithm.dump())
    return {"hash_algorithm": known, "hashed_message": bytes(length)}


EXTENSION = {"extn_id": "1.2.3", "critical": False, "extn_value": b"\x05\x00"}


@pytest.mark.parametrize(
    ("request_der", "failure", "words"),
    [
        (b"", "bad_data_format", "wrong format"),
        (b"\x30\x03\x02\x01\x01", "bad_data_format", "wrong format"),
        (query().dump() + b"\x00", "bad_data_format", "wrong format"),
        # a tag that asn1crypto meets with an AttributeError
        (
            query(nonce=5).dump().replace(b"\x02\x01\x05\x01\x01\xff", b"\x02\x01\x05\x07\x01\xff"),
            "bad_data_format",
            "wrong format",
        ),
        (strange_imprint(), "bad_data_format", "wrong format"),
        (query(version="v2").dump(), "bad_request", "not permitted or supported"),
        (query(message_imprint=imprint("1.3.14.3.2.26", 20)).dump(), "bad_alg", "algorithm"),
        (query(message_imprint=imprint("1.2.3.4", 32)).dump(), "bad_alg", "algorithm"),
        (query(message_imprint=imprint("2.16.840.1.101.3.4.2.1", 31)).dump(), "bad_data_format", "wrong format"),
        (
            query(message_imprint=imprint("2.16.840.1.101.3.4.2.1", 32, core.Integer(1))).dump(),
            "bad_data_format",
            "wrong format",
        ),
        (query(req_policy="1.2.3.4").dump(), "unaccepted_policy", "policy"),
        (query(extensions=[EXTENSION]).dump(), "unaccepted_extensions", "extension"),
    ],
)
def test_what_is_not_served_is_refused_without_a_token(
    either: DevAuthority, request_der: bytes, failure: str, words: str, openssl: Callable[..., str], tmp_path: Path
) -> None:
    reply = either.tsa(request_der)
    status = Refusal.load(reply, strict=True)["status"]
    assert status["status"].native == "rejection"
    assert status["fail_info"].native == {failure}
    (tmp_path / "reply").write_bytes(reply)
    said = openssl("ts", "-reply", "-in", "reply", "-text")
    assert "Status: Rejected" in said
    assert "TST info:\nNot included" in said
    assert words in said.split("Failure info:")[1]


def test_a_refusal_in_process_is_pyhankos_error(either: DevAuthority) -> None:
    with pytest.raises(TimestampRequestError, match="SHA-256, SHA-384 or SHA-512"):
        asyncio.run(either.timestamper.async_timestamp(bytes(20), "sha1"))


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_no_bytes_make_the_authority_stumble(either: DevAuthority, data: st.DataObject) -> None:
    good = query().dump()
    if data.draw(st.booleans()):
        place = data.draw(st.integers(0, len(good) - 1))
        other = data.draw(st.binary(max_size=3))
        request = good[:place] + other + good[place + data.draw(st.integers(0, 3)) :]
    else:
        request = data.draw(st.binary(max_size=200))
    reply = either.tsa(request)
    status = Refusal.load(reply)["status"]["status"].native
    assert status in ("granted", "rejection")
    require_der(reply)


def test_a_token_takes_about_a_millisecond(either: DevAuthority) -> None:
    request = query()
    spent = []
    for _ in range(40):
        begin = time.perf_counter()
        asyncio.run(either.timestamper.async_request_tsa_response(request))
        spent.append(time.perf_counter() - begin)
    assert statistics.median(spent) < 0.005  # 0.4 to 0.7 ms when nothing else runs
