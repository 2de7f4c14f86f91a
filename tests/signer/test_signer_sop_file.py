"""The office's SOP file says what the SOP says, line by line; a file that cannot work is refused."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from signer import sop
from signer.errors import SuratError
from signer.sop import Column, Sop, SopFault, Step
from signer.tanggal import long_date

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "templates/sop/rakor-bspps.toml").read_text(encoding="utf-8")
RAKOR = sop.load(TEXT)

# SOP 065/ 05 /416-304/2024 as published: every line with something in it, cells as in its tables.
SOURCE = (
    (
        "",
        "Nomor SOP",
        "065/ 05 /416-304/2024",
    ),
    (
        "",
        "Tgl Pembuatan",
        "15 Januari 2024",
    ),
    (
        "",
        "Tgl Revisi",
        "",
    ),
    (
        "",
        "Tgl Efektif",
        "15 Januari 2024",
    ),
    (
        (
            "PEMERINTAH KABUPATEN MOJOKERTO KECAMATAN TRAWAS JL. KOMPI MURLAN 8 DESA KETAPANRAME Kecamatan "
            "Trawas Kabupaten Mojokerto"
        ),
        "Disahkan oleh",
        "CAMAT TRAWAS  SUGONDO, S.Sos., MM. NIP. 19670110 199003 1 007",
    ),
    (
        "SEKSI KEMASYARAKATAN",
        "Nama SOP",
        "PELAYANAN RAPAT KOORDINASI BANTUAN SOSIAL PANGAN PROGRAM SEMBAKO (BSPPS)",
    ),
    (
        "DASAR HUKUM",
        "KUALIFIKASI PELAKSANA",
    ),
    (
        (
            "1. Undang –Undang Nomor 11 Tahun 2009 Tentang Kesejahteraan Sosial2. Peraturan Pemerintah Nomor "
            "39 Tahun 2012 Tentang Penyelenggara kesejahteraan sosial3. Peraturan Presiden Nomer 63 Tahun "
            "2017 tentang Penyaluran Bantuan Sosial Pangan Program Sembako4. Peraturan Daerah Kabupaten "
            "Mojokerto Nomor 8 Tahun 2010 Tentang Penyelenggaraan Administrasi Kependudukan5. Perda Kab. "
            "Mojokerto No.9 tahun 2016 tentang Pembentukan dan Susunan Perangkat Daerah Kab. Mojokerto6. "
            "Perbup Mojokerto No. 80 Tahun 2016 tentang Kedudukan, Susunan Organisasi, Tugas dan Fungsi "
            "serta Tata Kerja Kecamatan Kabupaten Mojokerto"
        ),
        (
            "1. Menguasai Kebijakan mengenai rapat Koordinasi persiapan penyaluran BSPPS2. Memiliki "
            "pemahaman dan kemampuan mengenai mekanisme dan metode pelaksanaan /kegiatan Bansos BSPPS"
        ),
    ),
    (
        "KETERKAITAN",
        "PERALATAN/PERLENGKAPAN",
    ),
    (
        "1. SOP Kegiatan RAKOR",
        "1. Berkas pemohon2. Alat tulis kantor3. Sembako BSPPS yang akan di salurkan",
    ),
    (
        "PERINGATAN",
        "PENCATATAN DAN PENDATAAN",
    ),
    (
        (
            "Pelayanan penerimaan dan penelitian berkas yang kurang prima akan menghambat penyelesaian "
            "ketepatan waktu dalam proses Persiapan Rakor BSPPS"
        ),
        "Dicatat dalam Register Rakor BSPPS",
    ),
    ("Catatan :",),
    (
        (
            "1. Dokumen ini telah ditandatangani secara elektronik dengan menggunakan sertifikat elektronik "
            "yang diterbitkan oleh Balai Sertifikasi Elektronik."
        ),
    ),
    (
        (
            '2. UU ITE No. 11 Tahun 2008 Pasal 5 ayat 1 : "Informasi Elektronik dan/atau Dokumen Elektronik '
            'dan/atau hasil cetaknya merupakan alat bukti hukum yang sah".'
        ),
    ),
    ("STANDART OPERASIONAL PROSEDUR (SOP) PENGAJUAN RAPAT KOORDINASI PERSIAPAN PENYALURAN BSPPS",),
    (
        "NO",
        "KEGIATAN",
        "PELAKSANA",
        "",
        "",
        "",
        "MUTU BAKU",
        "",
        "",
        "KET",
    ),
    (
        "",
        "",
        "PEMOHON",
        "Staf / Pengolah Data Kemasyarakatan",
        "KASI KEMASYAR AKATAN",
        "CAMAT",
        "KELENGKAPAN",
        "WAKTU",
        "OUTPUT",
        "",
    ),
    (
        "1",
        ("Korcam/TKSKMenyerahkan sembako Pengajuan Ijin Monev untuk diRakorkan Forkopimcam ,Agen dan Perwakilan KPM"),
        "1",
        "",
        "",
        "",
        "Pengantar dari Desa dan Berkas Pemohon",
        "5 Menit",
        "Berkas lengkap",
        "",
    ),
    (
        "2",
        "Menerima serta mengecek kelengkapan bahan Rakor/berkas dari Pemohon",
        "",
        "2",
        "",
        "",
        "Berkas Pemohon",
        "5 Menit",
        "Berkas lengkap",
        "",
    ),
    (
        "3",
        "Memproses berkas dan bahan Rakor yang sudah lengkap",
        "",
        "3",
        "",
        "",
        "Berkas Pemohon,",
        "10 Menit",
        "Berkas lengkap",
        "",
    ),
    (
        "4",
        "Paraf berkas yang sudah lengkap",
        "",
        "",
        "4",
        "",
        "Berkas pemohon",
        "5 Menit",
        "Berkas lengkap",
        "",
    ),
    (
        "5",
        "Camat menerima berkas yang sudah lengkap untuk di tandatangani",
        "",
        "",
        "",
        "5",
        "Berkas di TandaTangani",
        "5 Menit",
        "Berkas sudah di tandatangani",
        "",
    ),
    (
        "6",
        "Memproses berkas yang sudahditandatangani dari Camat dan diregister",
        "",
        "6",
        "",
        "",
        "AlatTulis Kantor (ATK)",
        "5 Menit",
        "Berkas sudah diregister",
        "",
    ),
    (
        "7",
        "Pemohon menerima berkassurat jadi disampaikan peserta Rakor",
        "7",
        "",
        "",
        "",
        "Berkas yang sudahJadi",
        "5 Menit",
        "Berkas sudah di ambil",
        "",
    ),
    ("Catatan :",),
    (
        (
            "1. Dokumen ini telah ditandatangani secara elektronik dengan menggunakan sertifikat elektronik "
            "yang diterbitkan oleh Balai Sertifikasi Elektronik."
        ),
    ),
    (
        (
            '2. UU ITE No. 11 Tahun 2008 Pasal 5 ayat 1 : "Informasi Elektronik dan/atau Dokumen Elektronik '
            'dan/atau hasil cetaknya merupakan alat bukti hukum yang sah".'
        ),
    ),
)


def numbered(texts: tuple[str, ...]) -> str:
    return "".join(f"{no}. {text}" for no, text in enumerate(texts, 1))


def row(this: Sop, step: Step) -> tuple[str, ...]:
    marks = tuple(str(step.no) if role.key == step.role else "" for role in this.roles)
    quality = (step.materials, f"{step.minutes} Menit", step.output, step.remarks)
    return (str(step.no), step.activity, *marks, *quality)


def notes(this: Sop) -> tuple[tuple[str, ...], ...]:
    return (("Catatan :",), *((f"{no}. {note}",) for no, note in enumerate(this.notes, 1)))


def first_page(this: Sop) -> tuple[tuple[str, ...], ...]:
    head, office, by = this.header, this.office, this.approval
    return (
        ("", "Nomor SOP", head.number),
        ("", "Tgl Pembuatan", long_date(head.created)),
        ("", "Tgl Revisi", "" if head.revised is None else long_date(head.revised)),
        ("", "Tgl Efektif", long_date(head.effective)),
        (
            " ".join([*office.letterhead, office.address, office.area]),
            "Disahkan oleh",
            f"{by.title}  {by.name} NIP. {by.nip}",
        ),
        (this.section.name, "Nama SOP", head.name),
        ("DASAR HUKUM", "KUALIFIKASI PELAKSANA"),
        (numbered(this.legal_basis), numbered(this.qualifications)),
        ("KETERKAITAN", "PERALATAN/PERLENGKAPAN"),
        (numbered(tuple(other.title for other in this.related)), numbered(this.equipment)),
        ("PERINGATAN", "PENCATATAN DAN PENDATAAN"),
        (this.warning, this.recording),
        *notes(this),
    )


def second_page(this: Sop) -> tuple[tuple[str, ...], ...]:
    headings = tuple(role.heading for role in this.roles)
    return (
        (this.header.title,),
        ("NO", "KEGIATAN", "PELAKSANA", "", "", "", "MUTU BAKU", "", "", "KET"),
        ("", "", *headings, "KELENGKAPAN", "WAKTU", "OUTPUT", ""),
        *(row(this, step) for step in this.steps),
        *notes(this),
    )


def test_every_line_of_the_sop_comes_out_of_its_file_as_published() -> None:
    rebuilt = first_page(RAKOR) + second_page(RAKOR)
    assert len(rebuilt) == len(SOURCE)
    for mine, published in zip(rebuilt, SOURCE, strict=True):
        assert mine == published


def test_what_the_product_adds_follows_from_the_sops_own_words() -> None:
    assert RAKOR.key == "rakor-bspps"
    assert RAKOR.office.unit in RAKOR.header.number.split("/")
    assert RAKOR.register is not None
    assert RAKOR.recording == f"Dicatat dalam {RAKOR.register.name}"
    assert [column for column, _ in RAKOR.register.columns] == list(Column)
    first = RAKOR.step(1)
    assert {item.label for item in RAKOR.requirements if item.required} == set(first.materials.split(" dan "))
    assert all(item.label in first.materials + first.activity for item in RAKOR.requirements)
    assert all(name in first.activity for name in RAKOR.applicants + RAKOR.invitees)
    assert [goods.key for goods in RAKOR.goods] == ["sembako"]
    assert RAKOR.templates == ("undangan-rakor", "surat-pengantar")


def keys_in(value: object) -> set[str]:
    if isinstance(value, dict):
        return set(value).union(*map(keys_in, value.values()))
    return set().union(*map(keys_in, value)) if isinstance(value, list) else set()


def test_the_format_document_names_every_key_action_decision_and_column() -> None:
    document = (ROOT / "docs/formats/sop.md").read_text(encoding="utf-8")
    values = [*sop.Action, *sop.Decision, *Column]
    words = set(re.findall(r"[a-z_-]+", " ".join(re.findall(r"`([^`]+)`", document))))
    assert keys_in(tomllib.loads(TEXT)) | set(values) <= words


def test_an_sop_may_allow_no_withdrawal() -> None:
    without = TEXT.replace(', "tarik"]', "]")
    section = without[without.index("[penarikan]") : without.index("[permohonan]")]
    assert sop.load(without.replace(section, "")).withdrawal is None


STEP_2 = 'aksi = "periksa"\n'
LIST_2 = 'keputusan = ["terima", "kembalikan", "tolak", "tarik"]\nkembali_ke = [1]'

# what is written instead of what, and the table and key the fault must name
MALFORMED = {
    "not TOML": ("format = 1", "format 1", "", ""),
    "another format": ("format = 1", "format = 2", "", "format"),
    "no format": ("format = 1", "", "", "format"),
    "unknown key at the top": ("format = 1", "format = 1\nversi = 3", "", "versi"),
    "unknown key in a table": ("[kepala]", '[kepala]\nnomer = "1"', "kepala", "nomer"),
    "unknown key in a step": (STEP_2, STEP_2 + "menit = 5\n", "langkah[2]", "menit"),
    "unknown key in a column": (
        'label = "Hal" }',
        'label = "Hal", lebar = 3 }',
        "register.kolom[4]",
        "lebar",
    ),
    "missing table": ("[pengesahan]", "[disahkan]", "", "pengesahan"),
    "missing key": ('nama = "SUGONDO, S.Sos., MM."', "", "pengesahan", "nama"),
    "key not ours": ('kunci = "rakor-bspps"', 'kunci = "../rakor"', "", "kunci"),
    "empty text": ('jabatan = "CAMAT TRAWAS"', 'jabatan = " "', "pengesahan", "jabatan"),
    "control character": ('tempat = "Trawas"', 'tempat = "Tra\\u0000was"', "instansi", "tempat"),
    "two lines": ('tempat = "Trawas"', 'tempat = "Tra\\nwas"', "instansi", "tempat"),
    "text not text": ('tempat = "Trawas"', "tempat = 7", "instansi", "tempat"),
    "NIP too short": ("19670110 199003 1 007", "19670110 199003 1", "pengesahan", "nip"),
    "NIP not digits": ("19670110 199003 1 007", "1967O110 199003 1 007", "pengesahan", "nip"),
    "date as text": ("tanggal_efektif = 2024-01-15", 'tanggal_efektif = "2024"', "kepala", "tanggal_efektif"),
    "date with a time": (
        "tanggal_efektif = 2024-01-15",
        "tanggal_efektif = 2024-01-15T00:00:00Z",
        "kepala",
        "tanggal_efektif",
    ),
    "revision neither empty nor a date": ('revisi = ""', 'revisi = "-"', "kepala", "tanggal_revisi"),
    "table not a table": ("[surat]\n", "[surat.templat]\n", "surat", "templat"),
    "row not a table": ("kolom = [\n", 'kolom = [\n  "nomor-register",\n', "register.kolom[1]", ""),
    "list not a list": (
        'templat = ["undangan-rakor", "surat-pengantar"]',
        'templat = "x"',
        "surat",
        "templat",
    ),
    "empty list": ('templat = ["undangan-rakor", "surat-pengantar"]', "templat = []", "surat", "templat"),
    "list names one twice": ('"surat-pengantar"]', '"undangan-rakor"]', "surat", "templat"),
    "flag not true or false": ("wajib = false", 'wajib = "tidak"', "permohonan.persyaratan[2]", "wajib"),
    "seksi twice": (
        "[[seksi]]",
        '[[seksi]]\nkunci = "kemasyarakatan"\nnama = "X"\n[[seksi]]',
        "seksi[2]",
        "kunci",
    ),
    "role twice": ('kunci = "kasi"', 'kunci = "staf"', "peran[3]", "kunci"),
    "requirement twice": (
        'kunci = "ijin-monev"',
        'kunci = "pengantar-desa"',
        "permohonan.persyaratan[2]",
        "kunci",
    ),
    "role outside SOPs": ('kunci = "kasi"', 'kunci = "auditor"', "peran[3]", "kunci"),
    "role of an unknown seksi": (
        'Kasi Kemasyarakatan"\nseksi = "kemasyarakatan"',
        'Kasi Kemasyarakatan"\nseksi = "kesra"',
        "peran[3]",
        "seksi",
    ),
    "step number missing": ("no = 4", "no = 5", "langkah[4]", "no"),
    "step number not a number": ("no = 4", "no = true", "langkah[4]", "no"),
    "unknown action": ('aksi = "paraf"', 'aksi = "stempel"', "langkah[4]", "aksi"),
    "first step does not submit": ('aksi = "serahkan"', 'aksi = "periksa"', "langkah[1]", "aksi"),
    "submitted twice": (STEP_2, 'aksi = "serahkan"\n', "langkah[2]", "aksi"),
    "signed twice": ('aksi = "register"', 'aksi = "tandatangan"', "langkah[6]", "aksi"),
    "paraf before there is a letter": (STEP_2, 'aksi = "paraf"\n', "langkah[2]", "aksi"),
    "registered before it is signed": ('aksi = "paraf"', 'aksi = "register"', "langkah[4]", "aksi"),
    "handed over before it is signed": ('aksi = "paraf"', 'aksi = "ambil"', "langkah[4]", "aksi"),
    "paraf after it is signed": ('aksi = "register"', 'aksi = "paraf"', "langkah[6]", "aksi"),
    "checked after it is signed": ('aksi = "register"', 'aksi = "periksa"', "langkah[6]", "aksi"),
    "unknown role at a step": ('pelaksana = "kasi"', 'pelaksana = "lurah"', "langkah[4]", "pelaksana"),
    "unknown deputy": (
        'diwakili_oleh = ["staf"]\nkelengkapan = "Pengantar',
        'diwakili_oleh = ["rt"]\nkelengkapan = "Pengantar',
        "langkah[1]",
        "diwakili_oleh",
    ),
    "deputy of oneself": (
        'pelaksana = "staf"\nkelengkapan = "Berkas Pemohon,"',
        'pelaksana = "staf"\ndiwakili_oleh = ["staf"]\nkelengkapan = "-"',
        "langkah[3]",
        "diwakili_oleh",
    ),
    "signed on behalf": (
        'pelaksana = "camat"',
        'pelaksana = "camat"\ndiwakili_oleh = ["kasi"]',
        "langkah[5]",
        "diwakili_oleh",
    ),
    "paraf on behalf": (
        'pelaksana = "kasi"',
        'pelaksana = "kasi"\ndiwakili_oleh = ["staf"]',
        "langkah[4]",
        "diwakili_oleh",
    ),
    "no time": ("waktu = 10", "waktu = 0", "langkah[3]", "waktu"),
    "part of a minute": ("waktu = 10", "waktu = 2.5", "langkah[3]", "waktu"),
    "unknown decision": ('["terima", "tarik"]', '["terima", "batal"]', "langkah[1]", "keputusan"),
    "decision not text": ('["terima", "tarik"]', '["terima", 1]', "langkah[1]", "keputusan"),
    "a step nobody can accept": ('["terima", "tarik"]', '["tarik"]', "langkah[1]", "keputusan"),
    "a return to nowhere": (LIST_2, 'keputusan = ["terima", "kembalikan"]', "langkah[2]", "kembali_ke"),
    "a target without a return": (
        LIST_2,
        'keputusan = ["terima"]\nkembali_ke = [1]',
        "langkah[2]",
        "kembali_ke",
    ),
    "a return to itself": (LIST_2, LIST_2.replace("[1]", "[2]"), "langkah[2]", "kembali_ke"),
    "a return forward": ("kembali_ke = [3, 4]", "kembali_ke = [3, 6]", "langkah[5]", "kembali_ke"),
    "a return to step 0": ("kembali_ke = [3, 4]", "kembali_ke = [0]", "langkah[5]", "kembali_ke"),
    "a return twice to one step": ("kembali_ke = [3, 4]", "kembali_ke = [3, 3]", "langkah[5]", "kembali_ke"),
    "refused after it is signed": (
        'output = "Berkas sudah diregister"\nket = ""\nkeputusan = ["terima"]',
        'output = "Berkas sudah diregister"\nket = ""\nkeputusan = ["terima", "tolak"]',
        "langkah[6]",
        "keputusan",
    ),
    "nobody named who may withdraw": (
        '[penarikan]\noleh = "pemohon"\ndiwakili_oleh = ["staf"]',
        "",
        "penarikan",
        "",
    ),
    "withdrawn by nobody known": ('oleh = "pemohon"', 'oleh = "ketua"', "penarikan", "oleh"),
    "withdrawal for oneself": ('oleh = "pemohon"', 'oleh = "staf"', "penarikan", "diwakili_oleh"),
    "withdrawal nowhere": (', "tarik"]', "]", "penarikan", ""),
    "unknown column": ('kunci = "hal"', 'kunci = "perihal"', "register.kolom[4]", "kunci"),
    "column twice": ('kunci = "hal"', 'kunci = "status"', "register.kolom[10]", "kunci"),
    "no register to register in": (TEXT[TEXT.index("[register]") :], "", "register", ""),
    "misspelt optional table": ("[penarikan]", "[penarika]", "", "penarika"),
    "format not a number": ("format = 1", "format = true", "", "format"),
}


@pytest.mark.parametrize("name", MALFORMED)
def test_a_malformed_file_is_refused_at_its_fault(name: str) -> None:
    old, new, table, key = MALFORMED[name]
    assert old in TEXT, "the case no longer applies to the file"
    with pytest.raises(SopFault) as caught:
        sop.load(TEXT.replace(old, new))
    fault = caught.value
    assert (fault.table, fault.key) == (table, key)
    where = ".".join(filter(None, [table, key])) or "toml"
    assert fault.field == where
    assert fault.id.startswith(f"Berkas SOP, {where}: ")
    assert fault.en.startswith(f"SOP file, {where}: ")
    assert isinstance(fault, SuratError)
    assert fault.code == "sop-fault"
