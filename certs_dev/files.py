"""Private files that are either whole or absent, whatever moment the process dies at.

Everything here is 0600 (files) and 0700 (folders), written beside its place, synced, then renamed into it.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from certs_dev.errors import AuthorityExistsError


def sync_folder(folder: Path) -> None:
    """Make names in `folder` survive a power cut (a rename alone does not)."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def write_atomically(path: Path, data: bytes) -> None:
    """Replace `path` by `data` in one step: a reader sees the old file or the new one, never a part."""
    descriptor, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)  # 0600 by mkstemp
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def make_folder(path: Path) -> Path:
    """Make a folder that only its owner may enter."""
    path.mkdir(mode=0o700)
    return path


@contextmanager
def exclusive(lock: Path) -> Iterator[None]:
    """Hold `lock` against every other thread and process; the kernel frees it when the holder dies.

    The lock file is never removed: removing it would let two processes hold two files of one name.
    """
    descriptor = os.open(lock, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


@contextmanager
def whole_folder(folder: Path) -> Iterator[Path]:
    """Yield a staging folder beside `folder` that becomes `folder` at the end, or vanishes on an error.

    Raises AuthorityExistsError when `folder` is there and not empty. Creators wait for each other, so what
    a dead one left behind can be told from what a living one is building.
    """
    parent = folder.parent
    parent.mkdir(parents=True, exist_ok=True)
    with exclusive(parent / f".{folder.name}.lock"):
        if folder.exists() and any(folder.iterdir()):
            raise AuthorityExistsError(f"{folder} is there already: open it, or move it away first")
        for remains in parent.glob(f".{folder.name}.new-*"):
            shutil.rmtree(remains)
        staging = Path(tempfile.mkdtemp(prefix=f".{folder.name}.new-", dir=parent))  # 0700 by mkdtemp
        try:
            yield staging
            sync_folder(staging)
            staging.rename(folder)
        except BaseException:
            shutil.rmtree(staging, ignore_errors=True)
            raise
        sync_folder(parent)
