"""What phones take along for checking seals without network: the worker, its parts, the keys, the withdrawn letters."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from flask import Blueprint, Flask
from helpers_web import Client, Site
from sqlalchemy import select, update
from werkzeug.test import TestResponse

from signer.tables.letters import Letter
from signer.tables.office import Office
from verifier import cose
from verifier.records import Letters, Withdrawn
from verifier.trust import SEAL_EKU, Trust
from verifier.web import pwa

pytest_plugins = ("helpers_web",)

FOLDER = Path(pwa.__file__).parents[1] / "pwa"
TEMPLATE = Path(__file__).parents[2] / "templates/pages/verify/offline.html"


def shell_of(answer: TestResponse) -> dict[str, Any]:
    """What the worker was told to keep."""
    first = answer.get_data(as_text=True).partition("\n")[0]
    found = re.fullmatch(r"const SHELL = (\{.*\});", first)
    assert found
    return dict(json.loads(found[1]))


def test_the_worker_may_serve_every_page_and_is_asked_for_anew(site: Site) -> None:
    answer = site.client().get("/sw.js")
    assert answer.status_code == 200
    assert answer.content_type == "text/javascript; charset=utf-8"
    assert answer.headers["Service-Worker-Allowed"] == "/"
    assert answer.headers["Cache-Control"] == "no-cache"
    assert "script-src" not in answer.headers["Content-Security-Policy"]  # default-src 'self' holds for all
    assert "default-src 'self'" in answer.headers["Content-Security-Policy"]
    assert answer.get_data(as_text=True).endswith((FOLDER / "sw.js").read_text())
    assert "Set-Cookie" not in answer.headers


def test_everything_the_worker_keeps_is_there_for_strangers(site: Site) -> None:
    client = site.client()
    shell = shell_of(client.get("/sw.js"))
    kept = {re.sub(r"\?.*", "", address).rpartition("/")[2] for address in shell["assets"]}
    assert {path.name for path in FOLDER.glob("*.js")} - {"sw.js"} < kept
    assert {"surat.css", "icon.svg", "surat.js", "once.js", "conveniences.js"} < kept
    for address in (shell["page"], *shell["assets"]):
        with client.get(address) as answer:  # closes the file of a static answer
            assert answer.status_code == 200 and answer.data, address
            assert "Set-Cookie" not in answer.headers


def test_every_module_that_a_kept_script_imports_is_kept(site: Site) -> None:
    client = site.client()
    assets = set(shell_of(client.get("/sw.js"))["assets"])
    for address in [name for name in assets if name.partition("?")[0].endswith(".js")]:
        with client.get(address) as answer:
            text = answer.data.decode()
        for name in re.findall(r'^import[^"]*"\./([^"]+)"', text, re.MULTILINE):
            assert f"{address.rpartition('/')[0]}/{name}" in assets, (address, name)


def test_a_module_has_one_content_under_its_address(site: Site) -> None:
    client = site.client()
    address = next(name for name in shell_of(client.get("/sw.js"))["assets"] if name.endswith("/seal.js"))
    answer = client.get(address)
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert answer.data == (FOLDER / "seal.js").read_bytes()
    version = address.split("/")[2]
    for wrong in (f"/pwa/{'0' * 16}/seal.js", f"/pwa/{version}/sw.js", f"/pwa/{version}/tiada.js"):
        assert client.get(wrong).status_code == 404


def test_the_worker_changes_with_what_it_keeps(site: Site) -> None:
    client = site.client()
    before = shell_of(client.get("/sw.js"))
    assert shell_of(client.get("/sw.js")) == before
    with site.house.db.begin() as session:
        session.execute(update(Office).values(name="KECAMATAN LAIN"))
    assert shell_of(client.get("/sw.js"))["version"] != before["version"]


def test_a_chosen_language_is_in_the_address_of_the_page(site: Site) -> None:
    client = site.client()
    asked = {"Accept-Language": "en-GB"}
    english, indonesian = (shell_of(client.get(f"/sw.js?bahasa={name}", headers=asked)) for name in ("en", "id"))
    assert (english["page"], indonesian["page"]) == ("/pwa/luring?bahasa=en", "/pwa/luring?bahasa=id")
    assert english["version"] != indonesian["version"]
    assert shell_of(client.get("/sw.js", headers=asked)) == english
    for language in ("id", "en"):
        page = client.get(f"/pwa/luring?bahasa={language}", headers=asked).get_data(as_text=True)
        assert f'<html lang="{language}">' in page
    assert '<html lang="en">' in client.get("/pwa/luring?bahasa=xx", headers=asked).get_data(as_text=True)


def test_the_offline_page_is_everybodys(site: Site) -> None:
    stranger = site.client().get("/pwa/luring").get_data(as_text=True)
    assert site.client("staf").get("/pwa/luring").get_data(as_text=True) == stranger
    assert "<style" not in stranger
    assert not re.search(r"<script(?![^>]*\ssrc=)|\son[a-z]+=", stranger)
    assert "csrf" not in stranger
    assert "SIMULASI" in stranger


def test_a_message_for_the_staff_is_neither_kept_nor_lost(site: Site) -> None:
    client = site.client("staf")
    with client.session_transaction() as session:
        session["_flashes"] = [("success", "Surat untuk Siti sudah terdaftar")]
    for path in ("/pwa/luring", "/sw.js"):
        assert b"Siti" not in client.get(path).data
    with client.session_transaction() as session:
        assert len(session["_flashes"]) == 1


def test_no_sentence_calls_the_letter_signed_or_genuine() -> None:
    text = TEMPLATE.read_text()
    assert "ditandatangani sah" not in text
    assert not re.search(r"\b(asli|Asli|terbukti|Terbukti)\b", text)


def test_the_offline_page_has_words_for_every_reason() -> None:
    reasons = re.findall(r'"[a-z-]+": "([a-z-]+)"', (FOLDER / "offline.js").read_text().partition("};")[0])
    assert len(reasons) >= 6
    for reason in (*reasons, "form"):
        assert TEMPLATE.read_text().count(f'"{reason}":') == 2, reason


def test_the_keys_are_those_of_the_seal_certificates(site: Site) -> None:
    answer = site.client().get("/pwa/keys.json")
    assert answer.headers["Cache-Control"] == "no-store"
    (key,) = answer.get_json()["keys"]
    certificate = site.house.authority.certificate("seal")
    assert base64.b64decode(key["certificate"]) == certificate.public_bytes(Encoding.DER)
    assert key["fingerprint"] == certificate.fingerprint(hashes.SHA256()).hex()
    public = certificate.public_key()
    assert isinstance(public, ec.EllipticCurvePublicKey)
    assert key["kid"] == cose.key_id(public).hex()
    numbers = [int.from_bytes(base64.urlsafe_b64decode(key["jwk"][name] + "=")) for name in "xy"]
    assert numbers == [public.public_numbers().x, public.public_numbers().y]
    assert {name: key["jwk"][name] for name in ("kty", "crv")} == {"kty": "EC", "crv": "P-256"}
    assert datetime.fromisoformat(key["not_before"]) == certificate.not_valid_before_utc
    assert datetime.fromisoformat(key["not_after"]) == certificate.not_valid_after_utc
    assert key["office"] == "SIMULASI Pemerintah Kabupaten Mojokerto"
    assert abs(datetime.fromisoformat(answer.get_json()["as_of"]) - datetime.now(UTC)) < timedelta(minutes=1)


def test_withdrawn_letters_are_listed_by_hash_alone(site: Site) -> None:
    for _ in range(3):
        site.berkas(step=6)
    client: Client = site.client()
    assert client.get("/pwa/withdrawn.json").get_json()["letters"] == []
    tokens = letters(site)
    with site.house.db.begin() as session:
        session.execute(update(Letter).where(Letter.token == tokens[0]).values(status="dicabut"))
        session.execute(update(Letter).where(Letter.token == tokens[1]).values(status="diganti"))
    answer = client.get("/pwa/withdrawn.json")
    expected = [
        {"sha256": hashlib.sha256(token.encode()).hexdigest(), "status": status}
        for token, status in zip(tokens, ("dicabut", "diganti"), strict=False)
    ]
    assert sorted(answer.get_json()["letters"], key=str) == sorted(expected, key=str)
    assert not any(token in answer.get_data(as_text=True) for token in tokens)
    assert answer.headers["Cache-Control"] == "no-store"


def letters(site: Site) -> list[str]:
    with site.house.db.read() as session:
        return list(session.scalars(select(Letter.token).order_by(Letter.id)))


def test_the_manifest_keeps_the_address_in_sight(site: Site) -> None:
    answer = site.client().get("/manifest.webmanifest")
    assert answer.content_type == "application/manifest+json"
    manifest = json.loads(answer.data)
    assert manifest["display"] == "minimal-ui"
    assert (manifest["start_url"], manifest["scope"]) == ("/periksa", "/")
    with site.client().get(manifest["icons"][0]["src"]) as icon:
        assert icon.data.startswith(b"<svg")


class SlowRegister(Letters):
    """A register over which the clock moves while it is read."""

    def __init__(self, moments: Iterator[datetime]) -> None:
        self.moments = moments

    def withdrawn(self) -> list[Withdrawn]:
        next(self.moments)
        return [Withdrawn(bytes(32), "dicabut")]


def served(trust: Trust, register: Letters, clock: Any) -> Any:
    """The routes alone, over a trust and a register of our making."""
    pages = Blueprint("verifier", __name__)
    pwa.add_routes(pages, register, trust, "https://surat.contoh.go.id", clock)
    app = Flask("test")
    app.register_blueprint(pages)
    return app.test_client()


def test_the_list_claims_no_later_moment_than_its_reading_began() -> None:
    began = datetime(2026, 1, 5, 2, 0, tzinfo=UTC)
    moments = iter([began, began + timedelta(seconds=30)])
    client = served(Trust(), SlowRegister(moments), lambda: next(moments))
    assert client.get("/pwa/withdrawn.json").get_json()["as_of"] == "2026-01-05T02:00:00Z"


def certificate_of(key: Any, subject: str, signer: ec.EllipticCurvePrivateKey) -> x509.Certificate:
    """A certificate under "CN=Akar", for seals unless it is that root's own."""
    names = [x509.Name.from_rfc4514_string(f"CN={name}") for name in ("Akar", subject)]
    builder = x509.CertificateBuilder(*names, key.public_key(), x509.random_serial_number())
    builder = builder.not_valid_before(datetime(2026, 1, 1, tzinfo=UTC)).not_valid_after(
        datetime(2030, 1, 1, tzinfo=UTC)
    )
    if key is not signer:
        builder = builder.add_extension(x509.ExtendedKeyUsage([x509.ObjectIdentifier(SEAL_EKU)]), critical=False)
    return builder.sign(signer, hashes.SHA256())


def test_keys_that_no_anchor_issued_or_of_another_curve_are_not_listed() -> None:
    root, stranger = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    good, other_curve = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP384R1())
    anchor = certificate_of(root, "Akar", root)
    seals = [
        certificate_of(good, "Segel Lain", root),
        certificate_of(other_curve, "Segel P-384", root),
        certificate_of(ec.generate_private_key(ec.SECP256R1()), "Segel Palsu", stranger),
    ]
    trust = Trust((_asn1(anchor),), tuple(map(_asn1, seals)))
    client = served(trust, SlowRegister(iter([])), lambda: datetime(2026, 1, 5, tzinfo=UTC))
    (key,) = client.get("/pwa/keys.json").get_json()["keys"]
    assert key["kid"] == cose.key_id(good.public_key()).hex()
    assert key["office"] == "Segel Lain"
    none = served(Trust((_asn1(anchor),)), SlowRegister(iter([])), lambda: datetime(2026, 1, 5, tzinfo=UTC))
    assert none.get("/pwa/keys.json").get_json()["keys"] == []


def _asn1(certificate: x509.Certificate) -> asn1_x509.Certificate:
    return asn1_x509.Certificate.load(certificate.public_bytes(Encoding.DER))
