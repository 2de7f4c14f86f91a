"""`python -m verifier FILE...` and `python -m verifier seal TEXT`: the judge without database, server or network.

Exit status: 0 valid; 1 altered, revoked or failed; 2 untrusted or unconfirmed; 3 unsigned; 4 unreadable; 64 usage.
Heavy imports wait until the arguments are known to be right.
"""

from __future__ import annotations

import argparse
import gc
import io
import os
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from verifier.errors import VerificationError
from verifier.offline import cut_off

if TYPE_CHECKING:
    from verifier.report import Report
    from verifier.trust import Trust

USAGE = 64
MOST_BYTES = 100_000_000  # a larger file cannot be parsed within the memory limit


class Parser(argparse.ArgumentParser):
    """argparse, with this command's exit status for wrong usage."""

    def error(self, message: str) -> NoReturn:
        """Print the usage and leave with 64."""
        self.print_usage(sys.stderr)
        print(f"{self.prog}: {message}", file=sys.stderr)
        raise SystemExit(USAGE)


def main(arguments: list[str]) -> int:
    """Run the command; returns its exit status (argparse leaves by SystemExit for --help and wrong usage)."""
    sealed = arguments[:1] == ["seal"]
    parser = _seal_parser() if sealed else _file_parser()
    options = parser.parse_args(arguments[1:] if sealed else arguments)
    try:
        at = _moment(options.at)
        trust = _trust(options.trust)
    except VerificationError as error:
        print(f"{error.id} / {error.en}", file=sys.stderr)
        return USAGE
    except (OSError, ValueError) as error:
        print(f"{parser.prog}: {error}", file=sys.stderr)
        return USAGE
    return _check_seal(options, trust, at) if sealed else _check_files(options, trust, at)


def _file_parser() -> Parser:
    parser = Parser(
        prog="python -m verifier",
        description="Periksa surat PDF yang ditandatangani. / Check signed PDF letters.",
    )
    parser.add_argument("files", nargs="+", metavar="FILE")
    _common(parser)
    parser.add_argument("--etsi-xml", metavar="OUT", help="ETSI TS 119 102-2 validation report; one FILE only")
    return parser


def _seal_parser() -> Parser:
    parser = Parser(
        prog="python -m verifier seal",
        description="Periksa segel dari teks QR. / Check the seal in a QR's text.",
    )
    parser.add_argument("text", metavar="TEXT")
    parser.add_argument("--origin", metavar="URL", help="alamat resmi kantor / the office's own address")
    _common(parser)
    return parser


def _common(parser: Parser) -> None:
    parser.add_argument("--trust", action="append", default=[], metavar="PEM", help="root and seal certificates")
    parser.add_argument("--at", metavar="ISO8601", help="waktu pemeriksaan / time of examination (default: now)")
    parser.add_argument("--json", action="store_true", help="one JSON object a line")


def _moment(text: str | None) -> datetime | None:
    """An ISO 8601 time; without an offset it is UTC. Raises ValueError."""
    if text is None:
        return None
    moment = datetime.fromisoformat(text)
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def _trust(paths: list[str]) -> Trust:
    """Trust from PEM files. Raises OSError, VerificationError (trust-unreadable)."""
    from verifier.trust import Trust

    return Trust.from_pem(*(Path(path).read_bytes() for path in paths))


def _check_files(options: argparse.Namespace, trust: Trust, at: datetime | None) -> int:
    from verifier.report import worst_exit

    if options.etsi_xml and len(options.files) != 1:
        print("--etsi-xml: satu FILE saja / one FILE only", file=sys.stderr)
        return USAGE
    codes = []
    for name in options.files:
        report = _check_file(name, trust, at)
        codes.append(report.exit_code)
        _show(report, as_json=options.json)
        if options.etsi_xml and not _write_xml(options.etsi_xml, report):
            return USAGE
    return worst_exit(codes)


def _write_xml(target: str, report: Report) -> bool:
    from verifier.etsi_xml import write

    try:
        Path(target).write_bytes(write(report))
    except OSError as error:
        print(f"--etsi-xml: {error}", file=sys.stderr)
        return False
    return True


def _check_file(name: str, trust: Trust, at: datetime | None) -> Report:
    from verifier.examine import pdf
    from verifier.reporting import stopped
    from verifier.sandbox import bounded

    now = at or datetime.now(UTC)
    path, name = Path(name), name.encode(errors="replace").decode()  # a name may be no text at all
    try:
        if path.stat().st_size > MOST_BYTES:
            return stopped(name, b"", now, "too-large", 0.0)
        data = path.read_bytes()
    except OSError:
        return stopped(name, b"", now, "unreadable", 0.0)
    return bounded(name, data, now, lambda: pdf(data, name=name, trust=trust, at=at))


def _show(report: Report, *, as_json: bool) -> None:
    from verifier.text import render

    print(report.model_dump_json() if as_json else render(report))


def _check_seal(options: argparse.Namespace, trust: Trust, at: datetime | None) -> int:
    from verifier.examine import seal
    from verifier.text import render_seal

    report = seal(options.text, trust=trust, at=at, origin=options.origin)
    print(report.model_dump_json() if options.json else render_seal(report))
    return report.exit_code


def _run() -> int:
    """`main` as a process: set up for one question, and leaving quietly when the reader has gone."""
    gc.disable()  # collecting while loading only costs time; the child that examines collects
    cut_off()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    try:
        code = main(sys.argv[1:])
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # or Python complains at its exit
        return 1
    except KeyboardInterrupt:
        return 130
    return code


if __name__ == "__main__":
    sys.exit(_run())
