"""What the signer makes of the bounded process's answers: sentences at a field, whatever becomes of the process."""

from __future__ import annotations

import zlib
from collections.abc import Iterator

import helpers_own as pdfs
import pytest

from signer import own_pdf
from signer.errors import Invalid
from verifier.pool import Pool


@pytest.fixture(name="pool", scope="module")
def pool_fixture() -> Iterator[Pool]:
    pool = Pool()
    yield pool
    pool.close()


def refused(pool: Pool, data: bytes, **more: object) -> Invalid:
    with pytest.raises(Invalid) as told:
        own_pdf.inspect(pool, data, number=pdfs.NUMBER, mode="simulasi", **more)  # type: ignore[arg-type]
    return told.value


def memory_bomb() -> bytes:
    """A small PDF whose cross-reference stream unfolds to 900 MB."""
    once = zlib.compressobj(1)
    unfolded = b"".join([*(once.compress(bytes(1 << 20)) for _ in range(900)), once.flush()])
    twice = zlib.compress(unfolded)
    head = b"%PDF-1.7\n"
    keys = b"/Type/XRef/Size 9/W[1 2 1]/Root 1 0 R/Filter[/FlateDecode/FlateDecode]/Length %d" % len(twice)
    body = b"1 0 obj<<" + keys + b">>stream\n" + twice + b"\nendstream endobj\n"
    return head + body + b"startxref\n%d\n%%%%EOF\n" % len(head)


def test_a_sound_file_with_a_free_place_gives_its_box(pool: Pool) -> None:
    found = own_pdf.inspect(pool, pdfs.letter(), number=pdfs.NUMBER, mode="simulasi", place=own_pdf.spot(1, 88, 120))
    assert (found.number_page, found.box is not None) == (1, True)


def test_faults_of_the_file_and_of_the_place_stand_at_their_own_fields(pool: Pool) -> None:
    file, place = refused(pool, pdfs.with_script()), refused(pool, pdfs.letter(), place=own_pdf.spot(1, 40, 40))
    assert (file.field, file.code) == ("pdf", "script")
    assert (place.field, place.code) == ("place", "text-under")
    with pytest.raises(Invalid) as told:
        own_pdf.look_under(pool, pdfs.letter(), own_pdf.spot(3, 40, 40))
    assert (told.value.field, told.value.code) == ("place", "no-page")


def test_a_bomb_costs_its_own_process_and_gives_a_sentence(pool: Pool) -> None:
    told = refused(pool, memory_bomb())
    assert told.field == "pdf" and told.code in ("damaged", "too-large") and "unggah" in told.id
    with pytest.raises(Invalid):
        own_pdf.picture(pool, b"%PDF-1.7 rusak", 1, 300)
    assert own_pdf.picture(pool, pdfs.letter(), 1, 300)[8:12] == b"WEBP"


def test_a_busy_service_is_told_as_such() -> None:
    none_free = Pool(places=1, waiting=0, patience_seconds=0.1)
    with none_free.worker():
        told = refused(none_free, pdfs.letter())
    none_free.close()
    assert (told.code, told.field) == ("busy", "pdf")
