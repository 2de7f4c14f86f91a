"""The office's letter templates in force: the product's files, replaced by what an admin put in force since.

A version from the database is laid out once as a folder of its own beside the product's files (`naskah.typ`, fonts), so
that the press, which reads folders, compiles it as it does those; the folder's name is the digest of what lies in it.
"""

from __future__ import annotations

import hashlib
import secrets
import shutil
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path

from sqlalchemy import func, select

from signer import drafting
from signer.db import Database
from signer.drafting import LetterTemplate, Shelf
from signer.drafting.press import Press
from signer.tables.office import LetterTemplateVersion


class OfficeShelf:
    """Templates by key; what is in force is asked of the database each time, what was laid out is kept."""

    def __init__(self, files: Path, db: Database, workshop: Path) -> None:
        """`files`: the product's folder; `workshop`: where versions are laid out. Raises as load_templates does."""
        self._files, self._db, self._workshop = files, db, workshop
        self._own = drafting.load_templates(files)
        self._ready: dict[int, LetterTemplate] = {}
        self._lock = threading.Lock()

    @property
    def press(self) -> Press:
        """The press of the product's own folder: the signature's appearance is the same for all."""
        return self._own.press

    def __iter__(self) -> Iterator[LetterTemplate]:
        """Every template in force, by key."""
        newest = self._newest()
        for key in sorted({*self._own.templates, *newest}):
            yield self._of(newest[key]) if key in newest else self._own[key]

    def __getitem__(self, key: str) -> LetterTemplate:
        """The template in force of that key. Raises NotFound."""
        version = self._newest(key).get(key)
        return self._own[key] if version is None else self._of(version)

    def texts(self, key: str) -> tuple[str, str]:
        """Description and source in force, as an admin edits them. Raises NotFound."""
        version = self._newest(key).get(key)
        if version is not None:
            with self._db.read() as session:
                row = session.get_one(LetterTemplateVersion, version)
                return row.description, row.source
        template = self._own[key]
        described = self._files / f"{key}.toml"
        return described.read_text(encoding="utf-8"), (self._files / template.source).read_text(encoding="utf-8")

    def _newest(self, key: str | None = None) -> Mapping[str, int]:
        """The newest version of each key that an admin put in force, or of that key alone."""
        where = () if key is None else (LetterTemplateVersion.key == key,)
        statement = select(LetterTemplateVersion.key, func.max(LetterTemplateVersion.id)).where(*where)
        with self._db.read() as session:
            return {row[0]: row[1] for row in session.execute(statement.group_by(LetterTemplateVersion.key))}

    def _of(self, version: int) -> LetterTemplate:
        with self._lock:
            if version not in self._ready:
                with self._db.read() as session:
                    row = session.get_one(LetterTemplateVersion, version)
                self._ready[version] = self.laid_out(row.key, row.description, row.source)[row.key]
            return self._ready[version]

    def laid_out(self, key: str, description: str, source: str) -> Shelf:
        """One template beside the product's shared files, as a shelf of its own. Raises as load_templates does."""
        return drafting.load_templates(self.lay_out(key, description, source))

    def lay_out(self, key: str, description: str, source: str) -> Path:
        """The folder in which that template lies beside what all letters share; made if it is not there."""
        texts = {path.name: path.read_bytes() for path in sorted(self._files.glob("*.typ"))}
        texts |= {f"{key}.toml": description.encode(), f"{key}.typ": source.encode()}
        digest = hashlib.sha256(b"".join(name.encode() + b"\0" + data + b"\0" for name, data in sorted(texts.items())))
        folder = self._workshop / digest.hexdigest()
        if not folder.exists():
            self._fill(folder, texts)
        return folder

    def _fill(self, folder: Path, texts: Mapping[str, bytes]) -> None:
        """Under another name first: whoever sees the folder sees it whole."""
        staging = folder.with_name(f".{folder.name}-{secrets.token_hex(4)}")
        staging.mkdir(parents=True, mode=0o700)
        for name, data in texts.items():
            (staging / name).write_bytes(data)
        (staging / "fonts").symlink_to(self._files.resolve() / "fonts", target_is_directory=True)
        try:
            staging.rename(folder)
        except OSError:  # another process was quicker; its folder holds the same
            shutil.rmtree(staging)
