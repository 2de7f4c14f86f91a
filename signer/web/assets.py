"""Style sheets, icons and scripts: read once, compressed once, and kept by browsers as long as their content lasts.

An address with the version (`?v=`) names its content and never changes; scripts import each other under it too. Slow
networks pay for a file once. docs/decisions/0020-light-pages.md.
"""

from __future__ import annotations

import gzip
import hashlib
import mimetypes
import re
from dataclasses import dataclass
from pathlib import Path

from flask import Flask, Response, abort, request

from signer.web.compression import LEAST, accepts_gzip

FOREVER = "public, max-age=31536000, immutable"
_SCRIPT = "text/javascript"
_IMPORTED = re.compile(rb'"(\./[a-z-]+\.js)"')


@dataclass(frozen=True)
class Asset:
    """One file as it is sent; `packed` is its gzip form, empty where that would not be shorter."""

    content: bytes
    packed: bytes
    media_type: str

    @property
    def etag(self) -> str:
        """By the content."""
        return hashlib.sha256(self.content).hexdigest()[:32]


class Assets:
    """Every file of one folder, by its path there."""

    def __init__(self, folder: Path) -> None:
        files = {path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.rglob("*.*"))}
        self.version = hashlib.sha256(b"\0".join(files.values())).hexdigest()[:12]
        """Changes with any byte of any file."""
        self._files = {name: self._asset(name, content) for name, content in files.items()}

    def install(self, app: Flask) -> None:
        """Serve them as the application's static files."""
        app.view_functions["static"] = self.send
        app.jinja_env.globals["asset_version"] = self.version

    def send(self, filename: str) -> Response:
        """One file; for good if the address has its version."""
        asset = self._files.get(filename)
        if asset is None:
            abort(404)
        packed = bool(asset.packed) and accepts_gzip()
        response = Response(asset.packed if packed else asset.content, content_type=asset.media_type)
        response.vary.add("Accept-Encoding")
        if packed:
            response.headers["Content-Encoding"] = "gzip"
        current = request.args.get("v") == self.version
        response.headers["Cache-Control"] = FOREVER if current else "no-cache"
        response.set_etag(asset.etag, weak=True)  # weak: the same text, packed or not
        response.make_conditional(request)
        return response

    def _asset(self, name: str, content: bytes) -> Asset:
        kind = _SCRIPT if name.endswith(".js") else mimetypes.guess_type(name)[0] or "application/octet-stream"
        if kind == _SCRIPT:
            content = _IMPORTED.sub(rb'"\1?v=' + self.version.encode() + b'"', content)
        textual = kind.startswith("text/") or kind == "image/svg+xml"
        packed = gzip.compress(content, 9, mtime=0) if textual and len(content) >= LEAST else b""
        media_type = f"{kind}; charset=utf-8" if textual else kind
        return Asset(content, packed if len(packed) < len(content) else b"", media_type)
