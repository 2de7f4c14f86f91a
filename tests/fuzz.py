"""`make fuzz`: damage letters at random and hold the verifier to its promises on every one.

    .venv/bin/python -m tests.fuzz [--inputs N] [--seed S] [--corpus DIR] [--keep DIR]

Each input is examined in a process with the verifier's own limits. Wrong are: a process that dies, one that is stopped
for its time or memory, an answer after 10 s, and a damaged file called valid. The same seed gives the same inputs for
the same letters; --keep writes those that went wrong to a folder. Exit 1 if one did.
"""

from __future__ import annotations

import argparse
import logging
import random
import re
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from pathlib import Path

from verifier import examine
from verifier.report import Report
from verifier.sandbox import SECONDS, in_child
from verifier.trust import Trust

PROCESSES, MOST_SECONDS = 2, 10.0
MOST_BYTES = 400_000  # of a corpus file: larger ones tell nothing more and take long
Mutation = Callable[[bytearray, random.Random], None]
_GAP = re.compile(rb"/Contents <([0-9A-Fa-f]*)>")
_NUMBER, _NAME = re.compile(rb"(?<![\w.])-?\d{1,10}(?![\w.])"), re.compile(rb"/[A-Za-z]{1,20}")
NUMBERS = [b"0", b"7", b"12", b"99", b"-1", b"1", b"65535", b"2147483648", b"99999999999999999999", b"0.5", b"null"]
NAMES = [b"/Kids", b"/V", b"/Parent", b"/Length", b"/Filter", b"/FlateDecode", b"/Prev", b"/Sig", b"/Type", b"/Root"]
NAMES += [b"/ByteRange", b"/Contents", b"/Annots", b"/XRefStm", b"/ObjStm", b"/Encrypt", b"/AcroForm", b"/DSS", b"/"]
PIECES = [b"null", b"<<", b">>", b"[" * 400, b"]", b"0 R", b"endobj", b"stream\n", b"endstream", b"%", b"(", b"<", b">"]
PIECES += [b"\nxref\n0 1\n", b"trailer<</Root 1 0 R>>", b"startxref\n0\n%%EOF", b"\xff" * 9, b"\0", b"1 0 obj\n"]


@dataclass
class Tally:
    """What became of so many inputs."""

    verdicts: Counter[str] = field(default_factory=Counter)
    odd: int = 0  # answered by the catch-all reason "examination-failed"
    slowest: float = 0.0
    wrong: list[tuple[str, bytes]] = field(default_factory=list)


def flip(text: bytearray, chance: random.Random) -> None:
    text[chance.randrange(len(text))] ^= 1 << chance.randrange(8)


def cut(text: bytearray, chance: random.Random) -> None:
    place, size = chance.randrange(len(text)), chance.choice([1, 5, 30, 2000])
    _put(text, place, size, b"", chance)


def truncate(text: bytearray, chance: random.Random) -> None:
    del text[max(20, chance.randrange(len(text))) :]


def insert(text: bytearray, chance: random.Random) -> None:
    piece = chance.choice(PIECES)
    _put(text, chance.randrange(len(text)), len(piece), piece, chance)


def repeat(text: bytearray, chance: random.Random) -> None:
    place, other = chance.randrange(len(text)), chance.randrange(len(text))
    piece = text[other : other + chance.choice([8, 200, 3000])]
    _put(text, place, len(piece), bytes(piece), chance)


def swap(text: bytearray, chance: random.Random) -> None:
    one, size = chance.randrange(len(text)), chance.randrange(1, 400)
    other = chance.randrange(len(text))
    text[one : one + size], text[other : other + size] = text[other : other + size], text[one : one + size]


def renumber(text: bytearray, chance: random.Random) -> None:
    _replace(text, _NUMBER, chance.choice([*NUMBERS, b"%d" % chance.randrange(200)]), chance)


def rename(text: bytearray, chance: random.Random) -> None:
    _replace(text, _NAME, chance.choice(NAMES), chance)


def _put(text: bytearray, place: int, size: int, piece: bytes, chance: random.Random) -> None:
    """Write a piece over `size` bytes, so that offsets still fit, or now and then insert it or close the gap."""
    if chance.random() < 0.8:
        text[place : place + size] = piece.ljust(min(size, len(text) - place))
    else:
        text[place : place + (0 if piece else size)] = piece


def _replace(text: bytearray, pattern: re.Pattern[bytes], value: bytes, chance: random.Random) -> None:
    """Put `value` in the place of the first match after a random position, mostly keeping its length."""
    if found := pattern.search(text, chance.randrange(len(text))):
        size = len(found.group())
        kept = value.ljust(size)[:size] if chance.random() < 0.8 else value
        text[found.start() : found.end()] = kept


MUTATIONS: list[Mutation] = [flip, flip, cut, truncate, insert, insert, repeat, swap, *[renumber] * 3, *[rename] * 3]


def damaged(pdf: bytes, chance: random.Random) -> bytes:
    """The file after a few random mutations."""
    text = bytearray(pdf)
    for _ in range(chance.choice([1, 1, 1, 2, 3, 8])):
        if len(text) > 40:
            chance.choice(MUTATIONS)(text, chance)
    return bytes(text)


def same_meaning(pdf: bytes, changed: bytes) -> bool:
    """Whether only white space at the end or the letter case of the last signature's digits differ."""
    return _plain(pdf) == _plain(changed)


def _plain(pdf: bytes) -> bytes:
    gaps = list(_GAP.finditer(pdf))
    if not gaps:
        return pdf.rstrip()
    start, end = gaps[-1].span(1)
    return (pdf[:start] + pdf[start:end].lower() + pdf[end:]).rstrip()


def check(pdf: bytes, changed: bytes, trust: Trust) -> tuple[str | None, str, float, bool]:
    """Examine `changed` (once `pdf`): what is wrong with the answer or None; verdict or outcome; seconds; odd."""
    started = time.perf_counter()
    examined = partial(examine.pdf, changed, name="surat.pdf", trust=trust)
    outcome, text = in_child(lambda: examined().model_dump_json().encode(), SECONDS)
    if outcome == "time":  # once more: a busy machine stalls any process
        started = time.perf_counter()
        outcome, text = in_child(lambda: examined().model_dump_json().encode(), SECONDS)
    seconds = time.perf_counter() - started
    if outcome != "done":
        return outcome, outcome, seconds, False
    report = Report.model_validate_json(text)
    odd = any(reason.code == "examination-failed" for reason in report.reasons)
    false_valid = report.exit_code == 0 and not same_meaning(pdf, changed)
    wrong = "false valid" if false_valid else f"{seconds:.1f} s" if seconds > MOST_SECONDS else None
    return wrong, report.verdict, seconds, odd


def inputs(letters: list[bytes], count: int, seed: int) -> Iterator[tuple[bytes, bytes]]:
    """Letters in turn, each with one damaged copy."""
    chance = random.Random(seed)
    for number in range(count):
        pdf = letters[number % len(letters)]
        yield pdf, damaged(pdf, chance)


def run(letters: list[bytes], pems: bytes, count: int, seed: int, *, show: bool = False) -> Tally:
    """Check `count` inputs by two processes, each examination in a child of its own."""
    tally, waiting = Tally(), inputs(letters, count, seed)
    with ProcessPoolExecutor(PROCESSES) as pool:
        while group := list(islice(waiting, 60)):
            for (_, changed), result in zip(group, pool.map(_work, [(pems, *pair) for pair in group]), strict=True):
                _add(tally, changed, *result)
            if show:
                done, wrong = tally.verdicts.total(), len(tally.wrong)
                print(f"\r{done} of {count}, wrong: {wrong} ", end="", file=sys.stderr, flush=True)
    return tally


def _work(job: tuple[bytes, bytes, bytes]) -> tuple[str | None, str, float, bool]:
    pems, pdf, changed = job
    return check(pdf, changed, Trust.from_pem(pems))


def _add(tally: Tally, changed: bytes, wrong: str | None, verdict: str, seconds: float, odd: bool) -> None:
    tally.verdicts[verdict] += 1
    tally.odd += odd
    tally.slowest = max(tally.slowest, seconds)
    if wrong is not None:
        tally.wrong.append((wrong, changed))


def letters_and_trust(corpus: Path | None = None) -> tuple[list[bytes], bytes]:
    """Our letters in every state, and a corpus's smaller files if given."""
    sys.path.insert(0, str(Path(__file__).parent))
    import helpers_attacks as tools
    import helpers_pki as pki

    certified = tools.foreign(pki.letter(), "Satu", level=3)
    letters = [tools.archived(), tools.archived("rsa", 2), tools.signed(), tools.approved(form=True), certified]
    for path in sorted(corpus.rglob("*.pdf")) if corpus else ():
        if 40 < path.stat().st_size < MOST_BYTES:
            letters += [path.read_bytes(), letters[0]]  # every other input is a letter of ours
    return letters, pki.authority().trust_pem()


def main() -> int:
    parser = argparse.ArgumentParser(description="fuzz the verifier")
    parser.add_argument("--inputs", type=int, default=5000, metavar="N")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--corpus", type=Path, metavar="DIR")
    parser.add_argument("--keep", type=Path, metavar="DIR")
    options = parser.parse_args()
    logging.disable()  # pyHanko tells at length what it could not validate
    letters, pems = letters_and_trust(options.corpus)
    tally = run(letters, pems, options.inputs, options.seed, show=True)
    print(
        f"\n{tally.verdicts.total()} inputs from {len(letters)} files, slowest {tally.slowest:.2f} s, odd {tally.odd}"
    )
    print(", ".join(f"{verdict} {count}" for verdict, count in tally.verdicts.most_common()))
    for number, (wrong, changed) in enumerate(tally.wrong):
        print(f"WRONG {number}: {wrong}, {len(changed)} bytes")
        if options.keep:
            options.keep.mkdir(parents=True, exist_ok=True)
            (options.keep / f"{options.seed}-{number}.pdf").write_bytes(changed)
    return 1 if tally.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
