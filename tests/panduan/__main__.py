"""`make panduan`: plays the guide's scenes on running services and photographs them into docs/panduan/.

Three services one after another: the seven steps walked by people (long names, a subject of 200 characters), a busy
office, and an empty one that an admin sets up. The folder's pictures are replaced only if every scene went well, each
picture stands in a guide (docs/panduan/*.md), each guide's picture was taken, and all are small enough for git.

    python -m tests.panduan                   the guide's pictures
    python -m tests.panduan --whole DIR       long pages whole, into DIR, for looking at the pages themselves
"""

from __future__ import annotations

import re
import shutil
import sys
import tempfile
import traceback
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # as pytest does for the helpers of tests

from playwright.sync_api import Browser, sync_playwright

from tests.journeys import samples, walking, watching
from tests.journeys.serving import ROOT, serving
from tests.journeys.watching import Person, person
from tests.panduan import admin, phone, prepare, public, staf
from tests.panduan.camera import Camera
from tests.panduan.studio import Studio

FOLDER = ROOT / "docs" / "panduan"
MOST_BYTES = 8_000_000
"""Some hundred pages at two widths; a clone stays a matter of seconds."""
SHOWN = re.compile(r"!\[[^\]]*\]\(([\w-]+)-(?:390|1280)\.png\)")
WALK = {
    "00-berkas-saya-kosong": "pemohon-kosong",
    "01-ajukan": "pemohon-ajukan",
    "01-ajukan-file-keliru": "pemohon-file-keliru",
    "01-sudah-diserahkan": "pemohon-sudah-diserahkan",
    "02-alasan-dikembalikan": "pemohon-alasan",
    "02-perbaiki": "pemohon-perbaiki",
    "02-periksa": "staf-periksa",
    "02-periksa-lagi": "staf-periksa-lagi",
    "03-susun-surat": "staf-susun",
    "03-dua-staf": "staf-dua-isian",
    "03-surat-final": "staf-final",
    "04-kembalikan": "kasi-kembalikan",
    "04-paraf": "kasi-paraf",
    "04-tugas-kasi-kosong": "kasi-kosong",
    "05-passphrase-salah": "camat-satu-passphrase-keliru",
    "05-surat-terbit": "camat-terbit",
    "07-sudah-diambil": "pemohon-sudah-diambil",
}
"""What walking.py shows on its way, by the name that the picture has in the guide."""


class Session:
    """The scenes played so far, and what went wrong."""

    def __init__(self, camera: Camera, browser: Browser) -> None:
        self.camera, self.browser, self.faults = camera, browser, list[str]()

    def play(self, name: str, scene: Callable[[], object]) -> None:
        """One scene; a fault is noted and the others go on, so that one run tells all."""
        try:
            scene()
        except Exception:
            self.faults.append(f"{name}: {traceback.format_exc(limit=-4)}")

    def walk(self, folder: Path) -> None:
        """The seven steps as people click through them."""
        with serving(folder) as service:
            walking.add_second_staf(service)
            office = walking.Office(service, self.browser, samples.LONG, samples.papers(folder), seen=self._seen)
            stranger = person(self.browser, "warga", service.address)
            stranger.open("/masuk")
            self.camera.shoot(stranger, "masuk")
            for step in (*walking.STEPS, walking.collect):
                self.play(step.__name__, lambda step=step: step(office))  # type: ignore[misc]
            self.faults += office.faults()

    def _seen(self, who: Person, name: str) -> None:
        if name in WALK:
            self.camera.shoot(who, WALK[name])

    def busy(self, folder: Path, made: prepare.Busy) -> None:
        """Everything that only an office full of work shows; its letters were signed before it had this address."""
        with serving(folder, SURAT_OLD_HOSTS="127.0.0.1:8000") as service:
            studio = Studio(service, self.browser, self.camera, made, samples.papers(folder), folder)
            for scene in (*staf.SCENES, *public.SCENES, *phone.SCENES, *admin.SCENES, *staf.READERS):
                self.play(scene.__name__, lambda scene=scene: scene(studio))  # type: ignore[misc]
            self.faults += studio.faults()

    def empty(self, folder: Path) -> None:
        """An empty office, set up."""
        with serving(folder, fresh=True, SURAT_DEMO="0") as service:
            self.play("set_up", lambda: admin.set_up(service, self.browser, self.camera, folder))
            self.faults += service.errors()


def play(workshop: Path, camera: Camera) -> list[str]:
    """All scenes; gives what went wrong."""
    rooms = [workshop / name for name in ("walk", "busy", "empty")]
    for room in rooms:
        room.mkdir()
    made = prepare.busy(rooms[1])  # before the browser: see there
    with sync_playwright() as playwright:
        browser = watching.launch(playwright)
        session = Session(camera, browser)
        session.walk(rooms[0])
        session.busy(rooms[1], made)
        session.empty(rooms[2])
        browser.close()
    return session.faults


def main(arguments: list[str]) -> int:
    """Make the folder anew; exit code 1, and the old one stays, if anything is not as it must be."""
    whole = Path(arguments[1]) if arguments[:1] == ["--whole"] else None
    with tempfile.TemporaryDirectory(prefix="suratsah-panduan-") as name:
        made = whole or Path(name, "pictures")
        made.mkdir(exist_ok=True)
        camera = Camera(made, whole=whole is not None)
        faults = play(Path(name), camera)
        size = sum(path.stat().st_size for path in made.glob("*.png"))
        print(f"{made if whole else FOLDER}: {len(camera.taken)} pages, {size / 1e6:.1f} MB")
        if whole is None:
            faults += _against_guides(camera.taken, size)
        print("\n".join(faults))
        if whole is None and not faults:
            _replace(made)
    return 1 if faults else 0


def _against_guides(taken: set[str], size: int) -> list[str]:
    told = {name for guide in FOLDER.glob("*.md") for name in SHOWN.findall(guide.read_text(encoding="utf-8"))}
    faults = [f"no guide shows {name}" for name in sorted(taken - told)]
    faults += [f"no scene takes {name}" for name in sorted(told - taken)]
    return faults + ([f"{size} bytes, at most {MOST_BYTES}"] if size > MOST_BYTES else [])


def _replace(made: Path) -> None:
    for old in FOLDER.glob("*.png"):
        old.unlink()
    for new in made.glob("*.png"):
        shutil.copyfile(new, FOLDER / new.name)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
