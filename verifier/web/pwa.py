"""What a phone needs to check seals without network: service worker, modules, key list, withdrawn letters.

The code is in verifier/pwa; reasons, and what the lists prove, in docs/decisions/0011-offline-seal.md.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID
from flask import Blueprint, Response, abort, current_app, json, render_template, request, url_for
from flask_babel import force_locale

from verifier import cose
from verifier.errors import VerificationError
from verifier.records import Letters
from verifier.sealing import chained
from verifier.trust import Trust
from verifier.web import wording

FOLDER = Path(__file__).resolve().parents[1] / "pwa"
WORKER = "sw.js"
LANGUAGES = ("id", "en")
_LINKED = re.compile(r'(?:href|src)="(/static/[^"]+)"')
_IMPORT = re.compile(r'^import [^"]*"\./([a-z-]+\.js)";$', re.MULTILINE)


def add_routes(pages: Blueprint, letters: Letters, trust: Trust, base_url: str, clock: Callable[[], datetime]) -> None:
    """Add the offline page's routes to the public pages: /sw.js, /pwa/..., /manifest.webmanifest.

    Templates of the blueprint get `pwa_module(name)`, the address of a module by its content.
    """
    offline = _Offline(letters, trust, base_url, clock)
    pages.add_url_rule("/sw.js", "service_worker", offline.worker)
    # The endpoint's last part makes the rate limiter count it as the static file it is: one page loads ten of them.
    pages.add_url_rule("/pwa/<version>/<name>", "static", offline.module)
    pages.add_url_rule("/pwa/luring", "offline_page", offline.page)
    pages.add_url_rule("/pwa/keys.json", "seal_keys", offline.keys)
    pages.add_url_rule("/pwa/withdrawn.json", "withdrawn", offline.withdrawn)
    pages.add_url_rule("/manifest.webmanifest", "manifest", offline.manifest)
    pages.context_processor(lambda: {"pwa_module": offline.module_address})


class _Offline:
    """The views. Modules and keys are read once: they change with the program and its trust."""

    def __init__(self, letters: Letters, trust: Trust, base_url: str, clock: Callable[[], datetime]) -> None:
        self._letters = letters
        self._clock = clock
        self._host = urlsplit(base_url).netloc
        self._keys = list(_keys(trust))
        self._worker = (FOLDER / WORKER).read_text(encoding="utf-8")
        paths = sorted(path for path in FOLDER.glob("*.js") if path.name != WORKER)
        self._modules = {path.name: path.read_bytes() for path in paths}
        self._version = _digest(*self._modules.values())

    def worker(self) -> Response:
        """The service worker, with the list of what it keeps; any change of a kept part changes its text."""
        with _asked_language():
            page, address = self._page(), url_for("verifier.offline_page", bahasa=wording.language())
        assets = [*_assets(page), *map(self.module_address, self._modules)]
        shell = {"version": _digest(page.encode()), "page": address, "assets": assets}
        body = f"const SHELL = {json.dumps(shell)};\n{self._worker}"
        return _live(Response(body, content_type="text/javascript; charset=utf-8"), {"Service-Worker-Allowed": "/"})

    def page(self) -> Response:
        """The page that the service worker shows for any letter without network."""
        with _asked_language():
            return _live(Response(self._page()))

    def module(self, version: str, name: str) -> Response:
        """A module of this version; another version's answer must not be kept under its address."""
        if version != self._version or name not in self._modules:
            abort(404)
        response = Response(self._modules[name], content_type="text/javascript; charset=utf-8")
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
        return response

    def module_address(self, name: str) -> str:
        """The address of a module; its imports are found beside it, under the same version."""
        return url_for("verifier.static", version=self._version, name=name)

    def keys(self) -> Response:
        """The office's seal keys: `{"as_of", "keys": [{kid, jwk, not_before, ...}]}`, times RFC 3339 in UTC."""
        return _json({"as_of": self._now(), "keys": self._keys})

    def withdrawn(self) -> Response:
        """Letters no longer in force: `{"as_of", "letters": [{sha256, status}]}`, sha256 of the token, in hex."""
        # Before the look-up: whatever is withdrawn after this moment must not count as known.
        as_of = self._now()
        gone = [{"sha256": one.token_sha256.hex(), "status": one.status} for one in self._letters.withdrawn()]
        return _json({"as_of": as_of, "letters": gone})

    def manifest(self) -> Response:
        """For the home screen; the address stays in sight, since it is what tells the office from an imitation."""
        icon = url_for("static", filename="icon.svg", v=current_app.jinja_env.globals.get("asset_version"))
        content = {
            "name": "SuratSah: periksa surat",
            "short_name": "SuratSah",
            "lang": "id",
            "start_url": url_for("verifier.check"),
            "scope": "/",
            "display": "minimal-ui",
            "background_color": "#f5f3ed",
            "theme_color": "#0e4a47",
            "icons": [{"src": icon, "sizes": "any", "type": "image/svg+xml", "purpose": "any"}],
        }
        response = Response(json.dumps(content), content_type="application/manifest+json")
        response.headers["Cache-Control"] = "no-cache"
        return response

    def _page(self) -> str:
        # Nobody's flashed messages: the page is kept by the browser and shown to whoever comes next.
        return render_template(
            "verify/offline.html", official_host=self._host, get_flashed_messages=lambda **_options: []
        )

    def _now(self) -> str:
        return _moment(self._clock())


def _asked_language() -> AbstractContextManager[None]:
    """The visited page's language (`?bahasa=`): the worker asks without the cookie that may have chosen it."""
    asked = request.args.get("bahasa", "")
    language: AbstractContextManager[None] = force_locale(asked if asked in LANGUAGES else wording.language())
    return language


def _keys(trust: Trust) -> Iterator[dict[str, object]]:
    """The trusted seal certificates as a browser takes them; a key of another kind could never make a seal."""
    try:
        certificates = chained(trust)
    except VerificationError:
        return  # an office without a seal certificate: every seal is then of an unknown key
    for certificate in certificates:
        public = certificate.public_key()
        if isinstance(public, ec.EllipticCurvePublicKey) and isinstance(public.curve, ec.SECP256R1):
            yield _key(certificate, public)


def _key(certificate: x509.Certificate, public: ec.EllipticCurvePublicKey) -> dict[str, object]:
    numbers = public.public_numbers()
    return {
        "kid": cose.key_id(public).hex(),
        "jwk": {"kty": "EC", "crv": "P-256", "x": _base64url(numbers.x), "y": _base64url(numbers.y)},
        "not_before": _moment(certificate.not_valid_before_utc),
        "not_after": _moment(certificate.not_valid_after_utc),
        "office": _named(certificate.subject),
        "subject": certificate.subject.rfc4514_string(),
        "issuer": certificate.issuer.rfc4514_string(),
        "fingerprint": certificate.fingerprint(hashes.SHA256()).hex(),
        "certificate": base64.b64encode(certificate.public_bytes(Encoding.DER)).decode(),
    }


def _named(subject: x509.Name) -> str:
    """The organisation, or the common name where there is none."""
    for kind in (NameOID.ORGANIZATION_NAME, NameOID.COMMON_NAME):
        for attribute in subject.get_attributes_for_oid(kind):
            return str(attribute.value)
    return subject.rfc4514_string()


def _base64url(number: int) -> str:
    """A coordinate of P-256 as a JWK has it (RFC 7518, 6.2.1.2)."""
    return base64.urlsafe_b64encode(number.to_bytes(32)).decode().rstrip("=")


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _digest(*parts: bytes) -> str:
    digest = hashlib.sha256()
    for part in parts:
        digest.update(len(part).to_bytes(8) + part)
    return digest.hexdigest()[:16]


def _assets(page: str) -> list[str]:
    """What the page links to under /static/, and what its scripts import at once."""
    linked = list(dict.fromkeys(_LINKED.findall(page)))
    folder = Path(current_app.static_folder or "")
    imported = []
    for address in linked:
        parts = urlsplit(address)
        path = parts.path.removeprefix("/static/")
        if path.endswith(".js"):
            names = _IMPORT.findall((folder / path).read_text(encoding="utf-8"))
            version = f"?{parts.query}" if parts.query else ""  # imports come under the version of what imports them
            imported += [f"/static/{path.rpartition('/')[0]}/{name}{version}" for name in names]
    return linked + imported


def _live(response: Response, headers: dict[str, str] | None = None) -> Response:
    """An answer that is asked for again each time, in the reader's language."""
    response.headers.update({"Cache-Control": "no-cache"} | (headers or {}))
    response.vary.add("Accept-Language")
    return response


def _json(content: dict[str, object]) -> Response:
    response = Response(json.dumps(content), content_type="application/json")
    response.headers["Cache-Control"] = "no-store"
    return response
