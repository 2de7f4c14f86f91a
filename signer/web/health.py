"""For operators: is the process alive and fit to work; for the admin the same in words, with what to do."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

import prometheus_client
from flask import Blueprint, Response, jsonify, render_template
from flask_babel import gettext as _
from pyhanko.sign.timestamps import TimestampRequestError
from sqlalchemy import select

from signer import health
from signer.accounts import ROLES
from signer.health import Part
from signer.tables.record import LogHead
from signer.web import dates
from signer.web.context import actor, desk, keys, web
from signer.web.language import N_, word

pages = Blueprint("health", __name__)


@pages.get("/healthz")
def healthz() -> Response:
    """Alive: this process answers."""
    return Response("ok\n", content_type="text/plain")


@pages.get("/readyz")
def readyz() -> tuple[Response, int]:
    """Fit to work: each part by name, "ok" or the kind of its fault; 503 if any is not."""
    parts = {name: _state(check) for name, check in _CHECKS.items()}
    return jsonify(parts), 200 if set(parts.values()) == {"ok"} else 503


NAMES: Mapping[str, str] = {
    "database": N_("Basis data"),
    "files": N_("Penyimpanan file"),
    "disk": N_("Ruang disk"),
    "worker": N_("Pekerja latar"),
    "outbox": N_("Pekerjaan tertunda"),
    "tsa": N_("Stempel waktu (TSA)"),
    "clock": N_("Jam server"),
    "authority": N_("Sertifikat CA"),
    "keys": N_("Kunci pejabat"),
    "smtp": N_("Surel (SMTP)"),
}
SENTENCES: Mapping[tuple[str, str], tuple[str, str]] = {
    ("database", "baik"): (N_("Menjawab (%(kind)s)."), ""),
    ("database", "gagal"): (
        N_("Tidak menjawab (%(fault)s). Tidak ada yang dapat bekerja."),
        N_("Periksa apakah server basis data berjalan dan SURAT_DATABASE_URL benar, lalu muat ulang halaman ini."),
    ),
    ("files", "baik"): (N_("Dapat ditulis dan dibaca kembali."), ""),
    ("files", "gagal"): (
        N_("Tidak dapat ditulis (%(fault)s). Unggahan dan penandatanganan gagal."),
        N_("Periksa izin dan ruang folder atau bucket SURAT_BLOBS_URL."),
    ),
    ("disk", "baik"): (N_("Sisa %(free)s dari %(total)s."), ""),
    ("disk", "penuh"): (
        N_("Sisa %(free)s dari %(total)s."),
        N_("Kosongkan atau perbesar disk sebelum penuh; jangan hapus isi folder instance."),
    ),
    ("disk", "gagal"): (N_("Tidak dapat dibaca (%(fault)s)."), N_("Periksa folder SURAT_INSTANCE.")),
    ("worker", "baik"): (N_("Bekerja; terakhir melihat antrean %(at)s."), ""),
    ("worker", "belum"): (
        N_("Belum pernah bekerja pada instance ini. Pemberitahuan tidak sampai."),
        N_("Jalankan python -m signer worker di samping server web."),
    ),
    ("worker", "berhenti"): (
        N_("Tidak terlihat lebih dari 5 menit. Pemberitahuan tertunda, tidak hilang."),
        N_("Jalankan kembali python -m signer worker; yang tertunda dikerjakan saat itu juga."),
    ),
    ("worker", "gagal"): (N_("Tidak dapat dibaca (%(fault)s)."), N_("Perbaiki basis data lebih dahulu.")),
    ("outbox", "baik"): (N_("Tidak ada yang gagal; %(waiting)s menunggu giliran."), ""),
    ("outbox", "gagal-kirim"): (
        N_("%(count)s pekerjaan gagal, sampai %(attempts)s kali, dan terus diulang."),
        N_("Cari outbox_failed di log server untuk sebabnya. Tidak ada yang hilang: diulang sampai berhasil."),
    ),
    ("outbox", "gagal"): (N_("Tidak dapat dibaca (%(fault)s)."), N_("Perbaiki basis data lebih dahulu.")),
    ("tsa", "baik"): (N_("Memberi stempel waktu dalam %(millis)s milidetik."), ""),
    ("tsa", "gagal"): (
        N_("Tidak memberi stempel waktu (%(fault)s). Paraf dan tanda tangan ditolak, tidak ada yang rusak."),
        N_("Periksa sambungan keluar dan SURAT_TSA_URLS; beberapa TSA dapat ditulis berurutan, dipisah koma."),
    ),
    ("clock", "baik"): (N_("Cocok dengan waktu TSA (selisih %(seconds)s detik)."), ""),
    ("clock", "menyimpang"): (
        N_("Berselisih %(seconds)s detik dari waktu TSA. Di atas 10 menit penandatanganan ditolak."),
        N_("Nyalakan penyelarasan waktu server (NTP, misalnya systemd-timesyncd)."),
    ),
    ("authority", "baik"): (N_("%(name)s berlaku sampai %(until)s."), ""),
    ("authority", "segera-habis"): (N_("%(name)s habis %(until)s."), N_("Minta sertifikat baru kepada penyedia CA.")),
    ("authority", "kedaluwarsa"): (
        N_("%(name)s habis %(until)s. Tanda tangan baru ditolak."),
        N_("Pasang sertifikat CA yang baru. Surat yang sudah terbit tetap dapat diperiksa."),
    ),
    ("authority", "tidak-ada"): (
        N_("Tidak ada CA yang dipercaya."),
        N_("Periksa pemasangan kunci dan SURAT_TRUST_DIR."),
    ),
    ("authority", "gagal"): (N_("Tidak dapat dibaca (%(fault)s)."), N_("Periksa folder pki di instance.")),
    ("keys", "baik"): (N_("%(role)s: %(holder)s, sertifikat berlaku sampai %(until)s."), ""),
    ("keys", "segera-habis"): (
        N_("%(role)s: sertifikat %(holder)s habis %(until)s."),
        N_("Akhiri penunjukannya sehari sebelum itu, catat penunjukan baru, dan minta ia menetapkan kunci baru."),
    ),
    ("keys", "kedaluwarsa"): (
        N_("%(role)s: sertifikat %(holder)s habis %(until)s; ia tidak dapat bertindak."),
        N_("Akhiri penunjukannya, catat penunjukan baru, dan minta ia menetapkan kunci baru."),
    ),
    ("keys", "tanpa-kunci"): (
        N_("%(role)s: %(holders)s belum menetapkan kunci dan belum dapat bertindak."),
        N_("Minta yang bersangkutan masuk dan membuka Kunci saya."),
    ),
    ("keys", "tanpa-pejabat"): (
        N_("%(role)s: tidak ada yang ditunjuk untuk hari ini. Surat berhenti di langkahnya."),
        N_("Catat penunjukannya di Kantor, Penunjukan. Camat berhalangan: tunjuk Plh."),
    ),
    ("keys", "gagal"): (N_("Tidak dapat dibaca (%(fault)s)."), N_("Perbaiki basis data lebih dahulu.")),
    ("smtp", "baik"): (N_("Server surel diatur; tidak ada surel yang tertahan."), ""),
    ("smtp", "tertahan"): (
        N_("%(count)s surel tertahan, dicoba sampai %(attempts)s kali, dan terus diulang."),
        N_("Periksa SURAT_SMTP_URL, sandi, dan sambungan ke server surel; outbox_failed di log menyebut sebabnya."),
    ),
    ("smtp", "tidak-sampai"): (
        N_("%(count)s surel dalam %(days)s hari terakhir tidak sampai. Pemberitahuannya tetap ada di aplikasi."),
        N_("Pemilik alamat sudah diberi tahu di aplikasi. Bila banyak, periksa apakah server surel menolak pengirim."),
    ),
    ("smtp", "gagal"): (N_("Tidak dapat dibaca (%(fault)s)."), N_("Perbaiki basis data lebih dahulu.")),
    ("smtp", "tidak-diatur"): (
        N_("Tidak diatur: pemberitahuan hanya di dalam aplikasi."),
        N_("Isi SURAT_SMTP_URL bila kantor ingin surel pemberitahuan."),
    ),
}
"""Per part and case: what was found, and what to do about it."""


@pages.get("/kesehatan")
def page() -> str:
    """Every part in words: how it is, since when, what to do."""
    found = health.parts(desk(), keys(), web().settings, actor().office_id)
    order = ("masalah", "perhatian", "baik")
    return render_template(
        "office/health.html",
        rows=[_row(part) for part in sorted(found, key=lambda part: order.index(part.state))],
        worst=min((part.state for part in found), key=order.index),
        now=desk().now(),
    )


def _row(part: Part) -> dict[str, Any]:
    finding, advice = SENTENCES[part.key, part.case]
    return {
        "name": _(NAMES[part.key]),
        "state": part.state,
        "finding": _(finding, **{name: _value(name, value) for name, value in part.facts.items()}),
        "advice": _(advice) if advice else "",
        "since": part.since,
    }


def _value(name: str, value: object) -> str:
    """A fact as it is read."""
    if isinstance(value, datetime):
        return dates.moment(value) if name == "at" else dates.long_date(value)
    if name in ("free", "total") and isinstance(value, int):
        return dates.size_text(value)
    if isinstance(value, list):
        return ", ".join(value)
    return word(ROLES[str(value)]) if name == "role" else str(value)


@pages.get("/metrics")
def metrics() -> Response:
    """Prometheus text format."""
    return Response(prometheus_client.generate_latest(), content_type=prometheus_client.CONTENT_TYPE_LATEST)


def _state(check: Callable[[], None]) -> str:
    try:
        check()
    except Exception as fault:  # whatever fails here is the answer, not a reason to fail answering
        return type(fault).__name__
    return "ok"


def _database() -> None:
    with desk().db.read() as session:
        session.scalars(select(LogHead)).one()


def _blobs() -> None:
    desk().blobs.put("health/probe", b"ok")


def _timestamp() -> None:
    if not keys().authorities.anchors:
        raise TimestampRequestError("no timestamp authority")


_CHECKS: dict[str, Callable[[], None]] = {"database": _database, "blobs": _blobs, "tsa": _timestamp}
