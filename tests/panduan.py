"""`make panduan`: walks the seven steps on a fresh service and photographs each page into docs/panduan/.

The pictures are taken at a phone's and a desk's width (390 and 1280 px) and reduced to a palette, so that the folder
stays small enough for git. The sample data is made to strain the pages: long names, a subject of 200 characters.
"""

from __future__ import annotations

import io
import shutil
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, sync_playwright

from tests.journeys import samples, walking, watching
from tests.journeys.serving import ROOT, Service, serving
from tests.journeys.walking import Office
from tests.journeys.watching import DESKTOP, PHONE, Person, person

FOLDER = ROOT / "docs" / "panduan"
COLOURS = 44
"""Enough for text and a letter's pictures; the folder must stay under MOST_BYTES."""
MOST_BYTES = 4_000_000
TALLEST = 2600
"""Pixels kept of a long page."""


@dataclass(frozen=True)
class Picture:
    """One page of the guide: the file's base name, its heading, and a paragraph for readers."""

    name: str
    heading: str
    text: str


PICTURES = (
    Picture(
        "00-masuk",
        "Masuk",
        "Semua orang masuk dari halaman yang sama dengan nama pengguna atau nomor telepon; surel tidak diperlukan. "
        "Di mode pengembangan, akun contoh ditampilkan di bawah formulir.",
    ),
    Picture(
        "00-berkas-saya-kosong",
        "Sebelum ada berkas",
        "Pemohon yang baru pertama kali masuk melihat apa yang harus disiapkan dan satu tombol untuk mulai.",
    ),
    Picture(
        "01-ajukan",
        "Langkah 1: mengajukan",
        "Pemohon (atau Staf di loket atas namanya) mengisi keterangan Rakor dan sembako, lalu melampirkan berkas per "
        "persyaratan. File yang dipilih langsung terdaftar di bawah kolomnya dan masih dapat dikeluarkan.",
    ),
    Picture(
        "01-ajukan-file-keliru",
        "File yang bukan PDF atau foto",
        "Isi file diperiksa, bukan namanya. File yang ditolak disebut di samping kolomnya; isian dan file lain sudah "
        "tersimpan, sehingga cukup satu file itu yang diganti.",
    ),
    Picture(
        "01-sudah-diserahkan",
        "Kode pelacakan",
        "Setelah diserahkan, berkas mendapat kode pelacakan untuk dicatat atau difoto. Garis waktu di samping "
        "memperlihatkan ketujuh langkah SOP beserta standar waktunya.",
    ),
    Picture(
        "02-tugas-staf",
        "Tugas Staf",
        "Halaman pertama setiap pegawai berisi berkas yang menunggu dirinya, yang paling terlambat di atas, dengan "
        "sisa waktu menurut jam kerja kantor.",
    ),
    Picture(
        "02-periksa",
        "Langkah 2: memeriksa kelengkapan",
        "Staf menilai tiap persyaratan dengan filenya di samping. Yang kurang wajib diberi alasan, karena kalimat itu "
        "yang dibaca Pemohon.",
    ),
    Picture(
        "02-berkas-saya",
        "Berkas dikembalikan",
        "Pemohon melihat di halaman pertamanya bahwa berkas dikembalikan dan apa langkah berikutnya.",
    ),
    Picture(
        "02-alasan-dikembalikan",
        "Alasan pengembalian",
        "Alasan berdiri di atas halaman berkas, per persyaratan, dan sama dengan yang tampak di halaman Lacak berkas.",
    ),
    Picture(
        "02-perbaiki",
        "Memperbaiki",
        "Isian dan file yang sudah diberikan tetap ada. Pemohon hanya mengganti yang diminta, lalu menyerahkan lagi.",
    ),
    Picture(
        "02-periksa-lagi",
        "Memeriksa lagi",
        "Staf melihat file yang baru sejak pengembalian dan alasan yang diberikan sebelumnya.",
    ),
    Picture(
        "03-berkas-lengkap",
        "Berkas lengkap",
        "Setelah diterima sebagai lengkap, halaman berkas menawarkan langkah berikutnya: menyusun surat.",
    ),
    Picture(
        "03-susun-surat",
        "Langkah 3: menyusun surat",
        "Isian surat berasal dari templat dan sudah terisi dari berkas. Pratinjau di sampingnya mengikuti ketikan, dan "
        "konsep tersimpan sendiri.",
    ),
    Picture(
        "03-dua-staf",
        "Dua Staf sekaligus",
        "Bila orang lain lebih dulu mengubah surat yang sama, isian tidak ditimpa: halaman menyebut siapa dan kapan, "
        "dan yang baru diketik tetap ada.",
    ),
    Picture(
        "03-surat-final",
        "Surat final",
        "Finalisasi memesan nomor surat dan menyusun PDF satu kali. Sejak itu semua orang melihat byte yang sama.",
    ),
    Picture(
        "04-tugas-kasi",
        "Tugas Kasi",
        "Kasi melihat surat yang menunggu parafnya.",
    ),
    Picture(
        "04-kembalikan",
        "Mengembalikan dari paraf",
        "Kasi dapat mengembalikan dengan alasan yang sering dipakai atau kalimat sendiri.",
    ),
    Picture(
        "03-perbaiki-surat",
        "Memperbaiki surat",
        "Staf membaca alasan Kasi di atas formulir, memperbaiki, dan memfinalkan lagi; nomornya tetap.",
    ),
    Picture(
        "04-paraf",
        "Langkah 4: paraf",
        "Kasi melihat halaman surat, lampiran, dan apa yang berubah sejak ia mengembalikan. Paraf diberikan dengan "
        "passphrase kuncinya sendiri atas byte yang ditampilkan.",
    ),
    Picture(
        "04-tugas-kasi-kosong",
        "Tidak ada yang menunggu",
        "Setelah paraf, daftar tugas kosong dan mengatakan demikian.",
    ),
    Picture(
        "05-tandatangan",
        "Langkah 5: tanda tangan",
        "Camat melihat halaman yang sama, paraf yang sudah diperiksa, dan peringatan mode SIMULASI di samping "
        "passphrase.",
    ),
    Picture(
        "05-passphrase-salah",
        "Passphrase salah",
        "Passphrase yang keliru disebut di kolomnya beserta sisa percobaan; tidak ada yang terbit.",
    ),
    Picture(
        "05-surat-terbit",
        "Surat terbit",
        "Surat yang ditandatangani sudah lolos pemeriksaan seperti oleh orang luar sebelum halaman ini muncul. QR, "
        "kode, dan tautannya siap dibagikan.",
    ),
    Picture(
        "06-catat-register",
        "Langkah 6: mencatat di register",
        "Staf mencatat surat; nomor register berikutnya diberikan sendiri, tanpa celah per tahun.",
    ),
    Picture(
        "06-register",
        "Register Rakor BSPPS",
        "Buku register memuat kolom SOP, dapat dicari, dicetak, dan diunduh sebagai CSV.",
    ),
    Picture(
        "07-surat-jadi",
        "Langkah 7: mengambil surat",
        "Pemohon mengunduh, mencetak, atau membagikan surat, lalu menyatakan sudah menerimanya.",
    ),
    Picture(
        "07-sudah-diambil",
        "Berkas selesai",
        "Pengambilan tercatat dengan nama dan waktu; surat tetap dapat diunduh dan dibagikan.",
    ),
    Picture(
        "08-halaman-qr",
        "Memeriksa surat dari QR",
        "Siapa pun yang memindai QR membaca satu kalimat tentang surat itu, lalu apa yang baru diperiksa, "
        "keterangannya, dan gambar halamannya untuk dibandingkan dengan cetakan.",
    ),
    Picture(
        "08-periksa",
        "Memeriksa dengan mengetik kode",
        "Bila QR tidak terbaca, kode 17 huruf di bawahnya dapat diketik; satu huruf yang keliru dikenali.",
    ),
    Picture(
        "08-lacak",
        "Melacak berkas",
        "Dengan kode pelacakan, posisi berkas dapat dilihat tanpa akun dan tanpa nama siapa pun.",
    ),
)
"""In the order in which the guide is read."""


@dataclass
class Camera:
    """Takes the pictures and remembers which it took."""

    folder: Path
    taken: set[str] = field(default_factory=set)

    def shoot(self, who: Person, name: str) -> None:
        """The page as it stands, at both widths."""
        who.settle()
        for size in (PHONE, DESKTOP):
            who.page.set_viewport_size(size)  # type: ignore[arg-type]  # a plain dict is what it takes
            _get_ready(who)
            data = who.page.screenshot(full_page=True, animations="disabled")
            self._keep(data, f"{name}-{size['width']}.png")
        self.taken.add(name)

    def _keep(self, data: bytes, name: str) -> None:
        with Image.open(io.BytesIO(data)) as shot:
            cut = shot.convert("RGB").crop((0, 0, shot.width, min(shot.height, TALLEST)))
        reduced = cut.quantize(COLOURS, Image.Quantize.MEDIANCUT, kmeans=1, dither=Image.Dither.NONE)
        reduced.save(self.folder / name, optimize=True)


def _get_ready(who: Person) -> None:
    """To the top, with every picture loaded (lazy ones wait until they come into view), and with what stays in view
    while scrolling at its own place, not in the middle of the picture.
    """
    who.page.evaluate(
        """async () => {
          document.activeElement?.blur();
          window.scrollTo(0, 0);
          document.querySelectorAll(".actions.sticky, .follow").forEach((part) => { part.style.position = "static"; });
          const all = [...document.images];
          all.forEach((image) => { image.loading = "eager"; });
          await Promise.all(all.filter((image) => image.checkVisibility()).map((image) => image.decode()));
        }"""
    )


def photograph(service: Service, browser: Browser, folder: Path, papers: samples.Papers) -> set[str]:
    """Walk all seven steps; gives the names of the pictures taken."""
    camera = Camera(folder)
    office = Office(service, browser, samples.LONG, papers, seen=camera.shoot)
    stranger = person(browser, "stranger", service.address)
    stranger.open("/masuk")
    camera.shoot(stranger, "00-masuk")
    for step in walking.STEPS:
        step(office)
    walking.collect(office)
    for path, name in ((office.letter_address, "08-halaman-qr"), ("/periksa", "08-periksa"), ("/lacak", "08-lacak")):
        stranger.open(path)
        if name == "08-lacak":
            walking.track(stranger, office.code)
        camera.shoot(stranger, name)
    if office.faults():
        raise AssertionError("\n".join(office.faults()))
    return camera.taken


def write_readme(folder: Path) -> None:
    """The guide's page: a heading, a paragraph and both pictures of each."""
    parts = ["# Panduan bergambar", "", _OPENING, ""]
    for picture in PICTURES:
        parts += [f"## {picture.heading}", "", picture.text, ""]
        parts += [f"[di ponsel]({picture.name}-390.png)", "", f"![{picture.heading}]({picture.name}-1280.png)", ""]
    (folder / "README.md").write_text("\n".join(parts).rstrip() + "\n", encoding="utf-8")


_OPENING = (
    "Ketujuh langkah SOP 065/05/416-304/2024 seperti dilihat tiap orangnya. Gambar dibuat oleh `make panduan` dari "
    "layanan yang benar-benar berjalan dalam mode SIMULASI, dengan nama dan isian contoh yang sengaja dibuat panjang. "
    "Tombol memilih file dan bentuk tanggal berasal dari peramban dan mengikuti bahasanya."
)


def main() -> int:
    """Make the folder anew; exit code 1, and the old one stays, if pictures and texts differ or it grew too large."""
    with tempfile.TemporaryDirectory(prefix="suratsah-panduan-") as name:
        made = Path(name, "panduan")
        made.mkdir()
        taken = _walk(Path(name), made)
        size = sum(path.stat().st_size for path in made.glob("*.png"))
        told = {picture.name for picture in PICTURES}
        print(f"{FOLDER}: {len(taken)} pages at two widths, {size / 1e6:.1f} MB")
        if taken != told or size > MOST_BYTES:
            print(f"without a text: {taken - told}; without a picture: {told - taken}; at most {MOST_BYTES} bytes")
            return 1
        _replace(made)
    write_readme(FOLDER)
    return 0


def _walk(workshop: Path, made: Path) -> set[str]:
    with sync_playwright() as playwright:
        browser = watching.launch(playwright)
        with serving(workshop) as service:
            walking.add_second_staf(service)
            taken = photograph(service, browser, made, samples.papers(workshop))
        browser.close()
    return taken


def _replace(made: Path) -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    for old in FOLDER.glob("*.png"):
        old.unlink()
    for new in made.glob("*.png"):
        shutil.copyfile(new, FOLDER / new.name)


if __name__ == "__main__":
    sys.exit(main())
