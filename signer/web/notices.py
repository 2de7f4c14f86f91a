"""A person's notices, what they chose to be told by e-mail, and the pages behind the links in mails."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from signer import mailboxes, notices
from signer.errors import Invalid, NotFound
from signer.mailing import AT_ONCE, DAILY, NEVER
from signer.notices import Group, Told
from signer.sop import Action, Decision
from signer.web import inbox, language, shown
from signer.web.context import actor, desk, web
from signer.web.language import N_, word
from signer.web.security import limiter

pages = Blueprint("notices", __name__)
ASKING = "30/hour"
"""Confirmation mails asked for from one network address; a person is held to one in two minutes besides."""

PLAIN = {
    "giliran": N_("Berkas ini menunggu Anda."),
    "posisi": N_("Posisi berkas Anda berubah."),
    "kembali": N_("Berkas Anda dikembalikan untuk diperbaiki. Alasannya ada di halaman berkas."),
    "terbit": N_("Surat sudah jadi dan dapat diambil."),
    "selesai": N_("Surat sudah diambil; berkas selesai."),
    "ditolak": N_("Berkas Anda ditolak. Alasannya ada di halaman berkas."),
    "ditarik": N_("Berkas Anda ditarik dan tidak diproses lagi."),
    "lewat": N_("Pengingat: berkas ini masih menunggu Anda."),
    "surel": N_("Server surel menolak alamat Anda, jadi tidak ada lagi yang dikirim ke sana."),
}
"""What each kind says where no decision is known with it."""
DETAILED = {
    "giliran": N_("Diteruskan %(who)s. Giliran Anda: %(step)s."),
    "posisi": N_("Diteruskan %(who)s. Kini di langkah %(no)s: %(step)s."),
    "kembali": N_("%(who)s mengembalikan berkas Anda untuk diperbaiki. Alasannya ada di halaman berkas."),
    "selesai": N_("Surat sudah diambil, dicatat %(who)s. Berkas selesai."),
    "ditolak": N_("%(who)s menolak berkas Anda. Alasannya ada di halaman berkas."),
    "ditarik": N_("%(who)s menarik berkas Anda; tidak diproses lagi."),
    "lewat": N_("Pengingat: langkah %(no)s (%(step)s) melewati waktu standarnya dan masih menunggu Anda."),
}
RETURNED = {
    "giliran": N_("%(who)s mengembalikan berkas ini. Giliran Anda: %(step)s."),
    "posisi": N_("%(who)s meminta perbaikan. Kini di langkah %(no)s: %(step)s."),
}
MARKS = {"kembali": "return", "terbit": "surat", "selesai": "check", "ditolak": "bad", "lewat": "late", "surel": "warn"}
"""The icon of each kind; the bell for the others."""
NEXT: Mapping[Action, str] = {
    Action.SUBMIT: N_("Baca alasan dan perbaiki"),
    Action.COLLECT: N_("Buka dan ambil surat"),
}
"""What the button says where the step's own page has another word for it."""
SUBJECTS = {
    "giliran": (N_("Giliran saya"), N_("Berkas sampai di langkah Anda, atau dikembalikan kepada Anda.")),
    "hasil": (N_("Hasil pengajuan saya"), N_("Dikembalikan untuk diperbaiki, ditolak, atau surat sudah jadi.")),
    "posisi": (N_("Setiap perpindahan langkah"), N_("Berkas Anda maju ke langkah berikutnya.")),
    "peringatan": (N_("Pengingat"), N_("Langkah yang menunggu Anda melewati waktu standar SOP.")),
}
WHEN = {AT_ONCE: N_("Segera"), DAILY: N_("Ringkasan sekali sehari"), NEVER: N_("Tidak lewat surel")}


@inbox.pages.route("/pemberitahuan", methods=["GET", "POST"], endpoint="notices")
def told() -> ResponseReturnValue:
    """Unread notices by berkas, older ones below (?halaman=); POST marks one (`id`), a berkas's, or all read."""
    if request.method == "POST":
        return _mark()
    groups = notices.unread(desk(), actor())
    older = notices.older(desk(), actor(), request.args.get("halaman", 1, type=int))
    return render_template(
        "notices/index.html",
        groups=[_group(group) for group in groups],
        older=[_group(group) for group in older.groups],
        page=older,
        choosing=bool(mailboxes.subjects(actor())),
    )


@pages.route("/pengaturan/pemberitahuan", methods=["GET", "POST"])
def choices() -> ResponseReturnValue:
    """The person's address and choices; POST keeps the choices."""
    if request.method == "GET":
        return _choices_page()
    typed = {key: request.form.get(key, "") for key in mailboxes.subjects(actor())}
    try:
        mailboxes.choose(desk(), actor(), request.form.get("language", ""), typed)
    except Invalid as fault:
        return _choices_page(errors=shown.errors_of(fault), typed=typed), 422
    flash(_("Pilihan Anda disimpan."), "success")
    return redirect(url_for("notices.choices"), 303)


@pages.post("/pengaturan/pemberitahuan/alamat")
@limiter.limit(ASKING)
def address() -> ResponseReturnValue:
    """Send the confirmation link to the address that was typed."""
    typed = request.form.get("address", "")[:300]
    try:
        if web().settings.smtp is None:
            raise Invalid("Surel belum disiapkan di kantor ini.", "E-mail is not set up here.", field="")
        mailboxes.ask(desk(), actor(), typed, language.current())
    except Invalid as fault:
        return _choices_page(errors=shown.errors_of(fault), address=typed), 422
    flash(_("Tautan konfirmasi dikirim. Buka surel Anda untuk melanjutkan."), "success")
    return redirect(url_for("notices.choices"), 303)


@pages.post("/pengaturan/pemberitahuan/hapus-alamat")
def forget() -> ResponseReturnValue:
    """Delete the person's address."""
    mailboxes.forget(desk(), actor())
    flash(_("Alamat surel Anda dihapus. Pemberitahuan tetap muncul di aplikasi."), "success")
    return redirect(url_for("notices.choices"), 303)


@pages.route("/surel/konfirmasi/<token>", methods=["GET", "POST"])
def confirm(token: str) -> ResponseReturnValue:
    """Behind the confirmation link: a button, because mail programs open links by themselves; POST confirms."""
    try:
        found = mailboxes.pending(desk(), token)
        if request.method == "POST":
            mailboxes.confirm(desk(), token)
    except NotFound:
        return render_template("notices/no_link.html"), 404
    return render_template("notices/confirm.html", token=token, address=found, done=request.method == "POST")


@pages.route("/surel/berhenti/<token>", methods=["GET", "POST"])
def stop(token: str) -> ResponseReturnValue:
    """Behind the unsubscribe link; POST stops all mails, also from a mail program alone (RFC 8058).

    Open to programs without a CSRF token: the random token of the address is what lets somebody in.
    """
    try:
        mailboxes.knows_stop(desk(), token)
        if request.method == "POST":
            mailboxes.stop(desk(), token)
    except NotFound:
        return render_template("notices/no_link.html"), 404
    return render_template("notices/stop.html", token=token, done=request.method == "POST")


def _mark() -> ResponseReturnValue:
    one, of_berkas = (request.form.get(name, type=int) for name in ("id", "berkas"))
    notices.mark_read(desk().db, actor().user_id, desk().now(), of_berkas, notice_id=one)
    if one is None and of_berkas is None:
        flash(_("Semua pemberitahuan ditandai sudah dibaca."), "success")
    return redirect(url_for("inbox.notices"), 303)


def _group(group: Group) -> dict[str, Any]:
    berkas, action = group.berkas, group.next_action
    following = None
    if berkas is None:
        following = {"href": url_for("notices.choices"), "text": _("Atur alamat surel")}
    elif action is not None:
        step = shown.next_step(action, berkas.id)
        # who corrects or collects reads the berkas's page first: the reasons, and the letter, are there
        following = (
            {"href": url_for("berkas.show", berkas_id=berkas.id), "text": _(NEXT[action])} if action in NEXT else step
        )
    return {
        "berkas": berkas,
        "code": shown.code_groups(berkas.code) if berkas else "",
        "next": following,
        "told": [
            {"id": one.id, "at": one.at, "text": _sentence(one), "icon": MARKS.get(one.kind, "bell")}
            for one in group.told
        ],
    }


def _sentence(one: Told) -> str:
    """What happened, by whom, and what follows; the Pemohon reads the office's roles, not its people's names."""
    texts = {**DETAILED, **RETURNED} if one.decision is Decision.RETURN else DETAILED
    at_the_office, step = actor().reads_all, one.step
    bare = step is None and "%(step)s" in texts.get(one.kind, "")
    # the standard's minutes are the office's; the Pemohon is only reminded
    if one.decision is None or one.kind not in texts or bare or (one.kind == "lewat" and not at_the_office):
        return str(_(PLAIN[one.kind]))
    role = word(one.role)
    who = f"{one.by} ({role})" if at_the_office else role
    return str(_(texts[one.kind], who=who, no=step.no if step else "", step=word(step.brief) if step else ""))


def _choices_page(
    errors: Mapping[str, str] | None = None, typed: Mapping[str, str] | None = None, address: str | None = None
) -> str:
    chosen = mailboxes.chosen(desk(), actor())
    return render_template(
        "notices/choices.html",
        smtp=web().settings.smtp is not None,
        chosen=chosen,
        subjects=[(key, *map(_, SUBJECTS[key])) for key in chosen.choices],
        when=[(key, _(text)) for key, text in WHEN.items()],
        picked=typed or chosen.choices,
        languages=list(language.LANGUAGES.items()),
        address=address,
        errors=errors or {},
        has_errors=bool(errors),
    )
