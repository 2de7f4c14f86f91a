"""A service as a user runs it: `python -m signer serve` in a process of its own, over an instance of its own."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import StorageState

from tests import prepared

ROOT = Path(__file__).resolve().parents[2]
START_SECONDS = 60.0
STOP_SECONDS = 15.0


class ServiceFault(AssertionError):
    """The service did not start, did not end, or wrote an error into its log."""


@dataclass(frozen=True)
class Service:
    """A running service: its address, its folder, and what it wrote."""

    address: str
    instance: Path
    log_file: Path
    settings: Mapping[str, str] = field(default_factory=dict)
    """SURAT_ variables beside its address and folder."""
    sessions: dict[str, StorageState] = field(default_factory=dict)
    """What the browser of each person keeps who signed in (walking.arrive)."""

    @property
    def environment(self) -> dict[str, str]:
        """The environment it runs in, for operator commands over the same instance."""
        return _environment(self.address, self.instance) | self.settings

    def fetch(self, path: str) -> bytes:
        """A GET without a browser; the body of a 200."""
        with urllib.request.urlopen(f"{self.address}{path}", timeout=20) as answer:
            return bytes(answer.read())

    def command(self, *arguments: str) -> str:
        """An operator command, `python -m signer ...`; gives what it printed. Raises CalledProcessError."""
        return run([sys.executable, "-m", "signer", *arguments], self.environment).stdout

    def errors(self) -> list[str]:
        """The log lines that say something went wrong in the service."""
        lines = self.log_file.read_text(encoding="utf-8", errors="replace").splitlines()
        return [line for line in lines if '"level": "error"' in line or "Traceback" in line]


def run(command: list[str], environment: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    """Run a program in the project's folder. Raises CalledProcessError with what it wrote, if it fails."""
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60)
    if done.returncode:
        raise ServiceFault(f"{command[:4]} ended with {done.returncode}:\n{done.stdout}\n{done.stderr}")
    return done


@contextmanager
def serving(folder: Path, *, fresh: bool = False, **settings: str) -> Iterator[Service]:
    """The instance in `folder`, served with web and worker until the block ends; then both must be gone.

    Where there is none yet: a copy of one with the demo people, or with `fresh` whatever the service makes itself.
    `settings` are SURAT_ variables beside its address and folder.
    """
    if not fresh and not (folder / "instance").exists():
        shutil.copytree(prepared.instance(), folder / "instance")
    port = _free_port()
    address = f"http://127.0.0.1:{port}"
    service = Service(address, folder / "instance", folder / "service.log", settings)
    command = [sys.executable, "-m", "signer", "serve", "--host", "127.0.0.1", "--port", str(port)]
    with service.log_file.open("wb") as log:
        process = subprocess.Popen(command, cwd=ROOT, env=service.environment, stdout=log, stderr=subprocess.STDOUT)
    try:
        _wait_until_ready(service, process)
        yield service
    finally:
        left = _stop(process)
    if left:
        raise ServiceFault(f"still running after the service was stopped: {left}")


def _environment(address: str, instance: Path) -> dict[str, str]:
    """This process's environment without any SURAT_ variable of the person who runs the tests."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("SURAT_")}
    return kept | {"SURAT_INSTANCE": str(instance), "SURAT_BASE_URL": address}


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def _wait_until_ready(service: Service, process: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end and process.poll() is None:
        try:
            service.fetch("/healthz")
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.1)
        else:
            return
    log = service.log_file.read_text(encoding="utf-8", errors="replace")
    raise ServiceFault(f"no answer from {service.address}/healthz (exit code {process.poll()}):\n{log[-4000:]}")


def _stop(process: subprocess.Popen[bytes]) -> list[str]:
    """End the service as Ctrl+C or a service manager would; gives those of its processes that outlive it."""
    family = _descendants(process.pid)
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    end = time.monotonic() + 2
    while time.monotonic() < end and any(_alive(pid, name) for pid, name in family):
        time.sleep(0.05)
    left = [(pid, name) for pid, name in family if _alive(pid, name)]
    for pid, _name in left:
        os.kill(pid, signal.SIGKILL)
    return [name for _pid, name in left]


def _descendants(pid: int) -> list[tuple[int, str]]:
    """The children of a process, and theirs: process id and command line."""
    found: list[tuple[int, str]] = []
    for thread in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in map(int, thread.read_text().split()):
            found += [(child, _command_line(child)), *_descendants(child)]
    return found


def _command_line(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
    except OSError:
        return ""


def _alive(pid: int, name: str) -> bool:
    """Whether that very process still runs: an id given to another since, or a zombie, has another command line."""
    return bool(name) and _command_line(pid) == name
