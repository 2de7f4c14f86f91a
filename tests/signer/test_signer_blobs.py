"""Files are written once, whole, and never overwritten."""

from __future__ import annotations

import hashlib
import os
from contextlib import suppress
from pathlib import Path

import pytest
from helpers_office import at_once

from signer.blobs import BlobMissing, Blobs


@pytest.fixture(name="blobs")
def blobs_fixture(tmp_path: Path) -> Blobs:
    return Blobs(f"file://{tmp_path}/ruang%20file")


def test_a_file_comes_back_as_it_was(blobs: Blobs, tmp_path: Path) -> None:
    assert blobs.put("a/b", b"isi") == "a/b"
    assert blobs.get("a/b") == b"isi"
    assert (tmp_path / "ruang file" / "a" / "b").read_bytes() == b"isi"


def test_the_same_bytes_may_be_put_again_others_never(blobs: Blobs) -> None:
    blobs.put("surat", b"satu")
    blobs.put("surat", b"satu")
    with pytest.raises(FileExistsError):
        blobs.put("surat", b"dua")
    assert blobs.get("surat") == b"satu"


def test_of_many_writers_at_once_one_wins_and_the_others_are_told(blobs: Blobs) -> None:
    given = at_once(*[lambda number=number: blobs.put("surat", b"%d" % number) for number in range(8)])
    assert sum(isinstance(one, str) for one in given) == 1
    assert sum(isinstance(one, FileExistsError) for one in given) == 7
    assert given[int(blobs.get("surat"))] == "surat"


def test_what_is_not_there_or_not_the_same_is_missing(blobs: Blobs, tmp_path: Path) -> None:
    key = blobs.put_pdf("signed", b"%PDF-1.7")
    digest = hashlib.sha256(b"%PDF-1.7").digest()
    assert key == f"signed/{digest.hex()}.pdf"
    assert blobs.get_checked(key, digest) == b"%PDF-1.7"
    with pytest.raises(BlobMissing):
        blobs.get("signed/lain.pdf")
    (tmp_path / "ruang file" / key).write_bytes(b"%PDF-1.4")
    with pytest.raises(BlobMissing, match="not the file"):
        blobs.get_checked(key, digest)


def test_no_key_leads_out_of_the_folder(blobs: Blobs, tmp_path: Path) -> None:
    (tmp_path / "rahasia").write_bytes(b"kunci")
    for key in ("../rahasia", "a/../../rahasia", f"{tmp_path}/rahasia"):
        with pytest.raises((BlobMissing, ValueError)):
            blobs.get(key)
        with suppress(ValueError):  # refused, or kept under that name inside
            blobs.put(key, b"x")
    assert (tmp_path / "rahasia").read_bytes() == b"kunci"
    assert {path.name for path in tmp_path.iterdir()} == {"rahasia", "ruang file"}


def test_the_folder_is_its_owners_alone(blobs: Blobs, tmp_path: Path) -> None:
    assert (tmp_path / "ruang file").stat().st_mode & 0o077 == 0


def test_a_write_is_flushed_to_the_disk_with_its_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Seen at the system call: file, folder and root are synced before `put` returns."""
    blobs = Blobs(f"file://{tmp_path}/blobs")
    synced: list[Path] = []
    real = os.fsync

    def fsync(handle: int) -> None:
        synced.append(Path(f"/proc/self/fd/{handle}").readlink())
        real(handle)

    monkeypatch.setattr(os, "fsync", fsync)
    blobs.put("signed/a.pdf", b"x")
    root = tmp_path / "blobs"
    assert synced == [root / "signed" / "a.pdf", root / "signed", root]


def test_what_was_discarded_is_gone_and_nothing_else(blobs: Blobs) -> None:
    for key in ("incoming/a/0", "incoming/a/1", "incoming/ab/0", "attachments/x", "attachments/y"):
        blobs.put(key, key.encode())
    blobs.discard("attachments/x", "attachments/never-there")
    blobs.discard_under("incoming/a")
    blobs.discard_under("incoming/never-there")
    for key in ("incoming/a/0", "incoming/a/1", "attachments/x"):
        with pytest.raises(BlobMissing):
            blobs.get(key)
    assert blobs.get("incoming/ab/0") and blobs.get("attachments/y")
