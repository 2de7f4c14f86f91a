"""What every page shows around its own content: office, person, navigation, counts; and text filters."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from flask import Flask, request, url_for
from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from signer import founding, notices, setup
from signer.accounts import ROLES
from signer.actor import Actor
from signer.berkas import lists
from signer.tables.office import Office
from signer.web import access, dates, language
from signer.web.context import desk, must_change_password, person, web
from signer.web.language import N_
from signer.web.office import logo_url

HOME = N_("Tugas saya")
EVERYBODY = access.SIGNED_IN
NAVIGATION = (
    ("inbox.home", HOME, "inbox", EVERYBODY),
    ("berkas.index", N_("Berkas"), "folder", access.OFFICE_READERS),
    ("register.book", N_("Register"), "book", EVERYBODY),
    ("contacts.index", N_("Buku alamat"), "person", frozenset({"staf"})),
    ("sop.index", N_("SOP"), "file", EVERYBODY - {"staf"}),
    ("people.index", N_("Akun"), "people", EVERYBODY),
    ("office.home", N_("Kantor"), "stamp", EVERYBODY),
    ("office.history", N_("Riwayat"), "clock", frozenset({"auditor"})),
    ("inbox.notices", N_("Pemberitahuan"), "bell", EVERYBODY),
    ("help.index", N_("Bantuan"), "info", EVERYBODY),
)
"""Page, name, icon, and the roles that have it in the bar: seven entries at most, the rest is in ACCOUNT_LINKS."""
ACCOUNT_LINKS = (
    ("sop.index", N_("SOP")),
    ("contacts.index", N_("Buku alamat")),
    ("appointing.own_keys", N_("Kunci saya")),
    ("notices.choices", N_("Pilihan pemberitahuan")),
    ("security.change_password", N_("Ganti kata sandi")),
)
"""The menu under a person's name: what they need rarely and the bar does not have, then what is their own."""


@dataclass(frozen=True)
class Brand:
    """The office as every page names it."""

    government: str
    name: str
    address: str
    logo_url: str


def variables() -> dict[str, Any]:
    """Template variables of every page; without the database, only those that an error page needs."""
    fixed: dict[str, Any] = {
        "lang": language.current(),
        "other_language": language.other(),
        "simulasi": web().keys.mode == "simulasi",
        "home_name": _(HOME),
        "official_host": urlsplit(web().settings.base_url).netloc,
    }
    if request.endpoint == "security.login" and web().settings.demo_people:
        fixed["demo_accounts"] = [(who.username, _secrets(who)) for who in founding.DEMO_PEOPLE]
    try:
        if request.endpoint == "security.login":
            fixed["setup_href"] = url_for("setup.begin") if setup.needed(desk().db) else ""
        return fixed | _of_person(person())
    except SQLAlchemyError:
        return fixed | {"office": None, "user": None, "nav": [], "notices_count": 0, "waiting_count": 0}


def _secrets(person: founding.DemoPerson) -> str:
    """A demo person's password, and the passphrase of their key if they have one; public in development."""
    return f"{person.password} · passphrase: {person.passphrase}" if person.passphrase else person.password


def _of_person(who: Actor | None) -> dict[str, Any]:
    unread = _unread(who) if who else 0
    waiting = lists.pulse(desk(), who).waiting if who else 0
    owing = who is not None and must_change_password()
    return {
        "office": _office(),
        "user": {"name": who.name, "role": role_label(who)} if who else None,
        "home_name": _home_name(who),
        "nav": _navigation(who, {"inbox.home": waiting, "inbox.notices": unread}) if who and not owing else [],
        "notices_count": unread,
        "waiting_count": waiting,
        "account_links": _account_links(who) if who and not owing else [],
        "counts_url": url_for("inbox.counts") if who and not owing else "",
        "must_change_password": owing,
    }


def filters(app: Flask) -> None:
    """Dates, sizes and the office's own words for templates, in the page's language."""
    app.jinja_env.filters.update(
        tanggal=dates.long_date,
        hari_tanggal=dates.day_and_date,
        saat=dates.moment,
        ukuran=dates.size_text,
        sebutan=language.word,
        peran=role_name,
    )


def role_name(role: str) -> str:
    """A role by name, for one of the SOPs' own that no account role has, its key."""
    return language.word(ROLES.get(role, role))


def role_label(who: Actor) -> str:
    """The person's roles by name."""
    return ", ".join(language.word(ROLES[role]) for role in sorted(who.roles) if role in ROLES)


def _office() -> Brand | None:
    with desk().db.read() as session:
        row = session.scalar(select(Office).order_by(Office.id).limit(1))
    return Brand(row.government, row.name, row.address, logo_url(row)) if row else None


def _navigation(who: Actor, counts: dict[str, int]) -> list[dict[str, Any]]:
    return [
        {
            "label": _home_name(who) if name == "inbox.home" else _(label),
            "href": url_for(name),
            "icon": icon,
            "current": request.endpoint == name,
            "key": name,
            "count": counts.get(name),
        }
        for name, label, icon in _bar(who)
    ]


def _bar(who: Actor) -> list[tuple[str, str, str]]:
    return [
        (name, label, icon)
        for name, label, icon, roles in NAVIGATION
        if access.allows(name, who.roles) and who.roles & roles
    ]


def _home_name(who: Actor | None) -> str:
    """What the person's first page is called: a Pemohon's is their own berkas, whoever they wait for."""
    applicant = who is not None and "pemohon" in who.roles and not who.reads_all
    return str(_("Berkas saya") if applicant else _(HOME))


def _account_links(who: Actor) -> list[tuple[str, str]]:
    bar = {name for name, _label, _icon in _bar(who)}
    return [
        (_(label), url_for(name)) for name, label in ACCOUNT_LINKS if name not in bar and access.allows(name, who.roles)
    ]


def _unread(who: Actor) -> int:
    with desk().db.read() as session:
        return notices.unread_count(session, who.user_id)
