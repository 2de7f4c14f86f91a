"""Files that are written once and never overwritten: renderings, signed letters, attachments, evidence.

Over obstore, so that a folder and an S3 bucket behave alike. A write is durable when `put` returns: a local file
and its folder are fsynced (obstore does not), because a transaction that follows relies on it.
"""

from __future__ import annotations

import hashlib
import os
from contextlib import suppress
from pathlib import Path
from urllib.parse import unquote, urlsplit

from obstore.exceptions import AlreadyExistsError, NotFoundError
from obstore.store import LocalStore, ObjectStore, from_url


class BlobMissing(Exception):
    """A file that the database names is not in the store, or is not the file it was."""


class Blobs:
    """Write-once files under a `file://` folder or another URL that obstore knows."""

    def __init__(self, url: str) -> None:
        """Creates the folder of a `file://` URL if need be."""
        self._folder = _folder(url)
        self._store: ObjectStore
        if self._folder is None:
            self._store = from_url(url)
        else:
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._store = LocalStore(self._folder)

    def put(self, key: str, data: bytes) -> str:
        """Store `data` under `key`, once; gives the key back.

        Writing the same bytes again is allowed (a repeated act); other bytes raise FileExistsError.
        """
        try:
            self._store.put(key, data, mode="create")
        except AlreadyExistsError:
            if self.get(key) != data:
                raise FileExistsError(f"{key} exists with other content") from None
        if self._folder is not None:
            _sync(self._folder, self._folder / key)
        return key

    def put_pdf(self, kind: str, data: bytes) -> str:
        """Store a PDF under its SHA-256: `<kind>/<sha256>.pdf`."""
        return self.put(f"{kind}/{hashlib.sha256(data).hexdigest()}.pdf", data)

    def get(self, key: str) -> bytes:
        """The bytes under `key`. Raises BlobMissing if there are none."""
        try:
            return bytes(self._store.get(key).bytes())
        except (FileNotFoundError, NotFoundError):
            raise BlobMissing(key) from None

    def get_checked(self, key: str, sha256: bytes) -> bytes:
        """The bytes under `key`, which must have this SHA-256. Raises BlobMissing if not."""
        data = self.get(key)
        if hashlib.sha256(data).digest() != sha256:
            raise BlobMissing(f"{key} is not the file that was stored")
        return data

    def discard(self, *keys: str) -> None:
        """Remove files that no row names any more; one that is not there is as good as removed.

        For what people sent and never handed in; letters, renderings and attachments of a berkas stay.
        """
        for key in keys:
            with suppress(FileNotFoundError, NotFoundError):
                self._store.delete(key)

    def discard_under(self, prefix: str) -> None:
        """Remove every file whose key begins with `prefix` and a slash, also one whose row was never written."""
        for found in self._store.list(f"{prefix}/"):
            self.discard(*(str(one["path"]) for one in found))


def _folder(url: str) -> Path | None:
    parts = urlsplit(url)
    return Path(unquote(parts.path)) if parts.scheme == "file" else None


def _sync(root: Path, file: Path) -> None:
    """Flush the file and every folder up to the root, so that a power cut keeps both name and bytes."""
    for path in (file, *[p for p in file.parents if p == root or root in p.parents]):
        handle = os.open(path, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
