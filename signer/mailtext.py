"""What a mail says, in Indonesian and English: plain text and simple HTML of the same words.

A mail crosses servers that are not the office's (UU 27/2022): it names the berkas by its code, its desa and step, and
where to read on. No reasons, no names of colleagues or KPM, no attachments, no numbers of letters.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email import policy
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime
from html import escape

from signer.sop import Action

LANGUAGES = ("id", "en")
_SUBJECTS = {
    "giliran": ("Giliran Anda: {step} ({code})", "Your turn: {step} ({code})"),
    "kembali": ("Berkas {code} perlu diperbaiki", "Berkas {code} needs a correction"),
    "posisi": ("Berkas {code}: {step}", "Berkas {code}: {step}"),
    "terbit": ("Surat untuk berkas {code} sudah jadi", "The letter for berkas {code} is ready"),
    "selesai": ("Berkas {code} selesai", "Berkas {code} is finished"),
    "ditolak": ("Berkas {code} ditolak", "Berkas {code} was refused"),
    "ditarik": ("Berkas {code} ditarik", "Berkas {code} was withdrawn"),
    "lewat": ("Pengingat: {step} ({code})", "Reminder: {step} ({code})"),
}
_SENTENCES = {
    "giliran": (
        "Berkas {code} dari Desa {desa} menunggu Anda di langkah {no}: {step}.",
        "Berkas {code} from Desa {desa} waits for you at step {no}: {step}.",
    ),
    "kembali": (
        "Berkas {code} dari Desa {desa} dikembalikan untuk Anda perbaiki. Alasannya tertulis di halaman berkas.",
        "Berkas {code} from Desa {desa} was returned to you for correction. The page of the berkas says why.",
    ),
    "posisi": (
        "Berkas {code} dari Desa {desa} kini di langkah {no}: {step}. Anda tidak perlu melakukan apa pun.",
        "Berkas {code} from Desa {desa} is now at step {no}: {step}. There is nothing for you to do.",
    ),
    "terbit": (
        "Surat untuk berkas {code} dari Desa {desa} sudah jadi. Unduh suratnya, atau ambil cetakannya di loket.",
        "The letter for berkas {code} from Desa {desa} is ready. Download it, or collect a print at the counter.",
    ),
    "selesai": (
        "Berkas {code} dari Desa {desa} selesai: suratnya sudah diambil.",
        "Berkas {code} from Desa {desa} is finished: its letter was collected.",
    ),
    "ditolak": (
        "Berkas {code} dari Desa {desa} ditolak. Alasannya tertulis di halaman berkas.",
        "Berkas {code} from Desa {desa} was refused. The page of the berkas says why.",
    ),
    "ditarik": (
        "Berkas {code} dari Desa {desa} ditarik dan tidak diproses lagi.",
        "Berkas {code} from Desa {desa} was withdrawn and is not processed any further.",
    ),
    "lewat": (
        "Berkas {code} dari Desa {desa} masih menunggu Anda di langkah {no}: {step}.",
        "Berkas {code} from Desa {desa} still waits for you at step {no}: {step}.",
    ),
}
_BUTTONS = {
    "giliran": ("Buka dan kerjakan", "Open it"),
    "kembali": ("Baca alasan dan perbaiki", "Read why and correct it"),
    "terbit": ("Buka surat", "Open the letter"),
    "ditolak": ("Baca alasannya", "Read why"),
    "lewat": ("Buka dan kerjakan", "Open it"),
}
_OPEN = ("Buka berkas", "Open the berkas")
_ENGLISH_STEPS = {
    Action.SUBMIT: "hand in the berkas",
    Action.CHECK: "check that it is complete",
    Action.PROCESS: "prepare the letter",
    Action.PARAF: "paraf of the letter",
    Action.SIGN: "sign the letter",
    Action.REGISTER: "enter the letter in the register",
    Action.COLLECT: "collect the letter",
}


@dataclass(frozen=True)
class Item:
    """One thing to tell: `kind` is a notice's; step and action are those the berkas waits at, if it does."""

    kind: str
    code: str
    desa: str
    no: int
    brief: str
    action: Action | None
    url: str


@dataclass(frozen=True)
class Frame:
    """What stands around: for whom, from whom, in which language, and how to have no more mails."""

    language: str
    name: str
    office: str
    choices_url: str
    stop_url: str = ""

    def say(self, pair: tuple[str, str]) -> str:
        """The sentence of the language."""
        return pair[LANGUAGES.index(self.language)]


@dataclass(frozen=True)
class Text:
    """A mail's subject and its parts: paragraphs, each with a link (label, address) or none."""

    subject: str
    parts: Sequence[tuple[str, tuple[str, str] | None]]


@dataclass(frozen=True)
class Envelope:
    """A mail's header: `message_id` is the same for every attempt."""

    sender: str
    recipient: str
    message_id: str
    date: datetime


def of_notice(frame: Frame, item: Item) -> Text:
    """One mail for one notice."""
    return Text(_filled(frame, _SUBJECTS[item.kind], item), [_part(frame, item)])


def of_day(frame: Frame, items: Sequence[Item]) -> Text:
    """The digest: everything that is still unread."""
    subject = frame.say(("Ringkasan harian: {count} pemberitahuan", "Daily digest: {count} notices"))
    return Text(subject.format(count=len(items)), [_part(frame, item) for item in items])


def of_confirmation(frame: Frame, url: str, hours: int) -> Text:
    """The mail that asks whether the address is really theirs."""
    asked = frame.say(
        (
            "Seseorang dengan akun di {office} meminta pemberitahuan dikirim ke alamat ini. Bila itu Anda, buka tautan "
            "ini dalam {hours} jam.",
            "Somebody with an account at {office} asked for notices to be sent to this address. If that was you, open "
            "this link within {hours} hours.",
        )
    ).format(office=frame.office, hours=hours)
    other = frame.say(
        (
            "Bila bukan Anda, abaikan surel ini: tanpa konfirmasi tidak ada yang dikirim lagi.",
            "If it was not you, ignore this mail: without confirmation nothing more is sent.",
        )
    )
    link = (frame.say(("Konfirmasi alamat ini", "Confirm this address")), url)
    return Text(
        frame.say(("Konfirmasi alamat surel Anda", "Confirm your e-mail address")), [(asked, link), (other, None)]
    )


def message(frame: Frame, text: Text, envelope: Envelope) -> bytes:
    """The whole mail with CRLF line ends: plain text and HTML, and the unsubscribe header (RFC 2369, RFC 8058)."""
    mail = EmailMessage(policy=policy.SMTP)
    mail["From"] = Address(_plain(frame.office), addr_spec=envelope.sender)
    mail["To"] = Address(addr_spec=envelope.recipient)
    mail["Subject"] = _plain(text.subject)
    mail["Date"] = format_datetime(envelope.date)
    mail["Message-ID"] = envelope.message_id
    mail["Auto-Submitted"] = "auto-generated"  # RFC 3834: no out-of-office answers
    if frame.stop_url:
        mail["List-Unsubscribe"] = f"<{frame.stop_url}>"
        mail["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    mail.set_content(_as_text(frame, text), cte="quoted-printable")
    mail.add_alternative(_as_html(frame, text), subtype="html", cte="quoted-printable")
    mail["Content-Language"] = frame.language  # set_content removes what is there of Content-
    return mail.as_bytes()


def _part(frame: Frame, item: Item) -> tuple[str, tuple[str, str] | None]:
    label = frame.say(_BUTTONS.get(item.kind, _OPEN))
    return _filled(frame, _SENTENCES[item.kind], item), (label, item.url)


def _filled(frame: Frame, pair: tuple[str, str], item: Item) -> str:
    step = item.brief
    if frame.language == "en" and item.action is not None:
        step = _ENGLISH_STEPS[item.action]
    code = f"{item.code[:5]}-{item.code[5:]}"
    return frame.say(pair).format(code=code, desa=_plain(item.desa), no=item.no, step=step)


def _foot(frame: Frame) -> list[tuple[str, tuple[str, str] | None]]:
    never = frame.say(
        (
            "Kami tidak pernah meminta kata sandi atau passphrase lewat surel. Jangan membalas surel ini.",
            "We never ask for a password or passphrase by e-mail. Do not reply to this mail.",
        )
    )
    parts: list[tuple[str, tuple[str, str] | None]] = [(never, None)]
    if frame.stop_url:
        choose = frame.say(("Atur apa yang dikirim kepada Anda", "Choose what is sent to you"))
        stop = frame.say(("Berhenti menerima surel", "Stop all mails"))
        parts += [("", (choose, frame.choices_url)), ("", (stop, frame.stop_url))]
    return parts


def _greeting(frame: Frame) -> str:
    return frame.say(("Yth. {name},", "Dear {name},")).format(name=_plain(frame.name))


def _as_text(frame: Frame, text: Text) -> str:
    blocks = [_greeting(frame), *map(_block, text.parts), f"-- \n{_plain(frame.office)} · SuratSah"]
    return "\n\n".join([*blocks, *map(_block, _foot(frame))]) + "\n"


def _block(part: tuple[str, tuple[str, str] | None]) -> str:
    sentence, link = part
    return "\n".join(filter(None, [sentence, f"{link[0]}: {link[1]}" if link else ""]))


def _as_html(frame: Frame, text: Text) -> str:
    """One column without pictures, colours of its own only where a button needs them."""
    body = [f"<p>{escape(_greeting(frame))}</p>"]
    for sentence, link in text.parts:
        body.append(f"<p>{escape(sentence)}</p>")
        if link:
            body.append(f'<p><a href="{escape(link[1])}" style="{_BUTTON}">{escape(link[0])}</a></p>')
    foot = "".join(f"<p>{_linked(part)}</p>" for part in _foot(frame))
    return (
        f'<!doctype html><html lang="{frame.language}"><head><meta charset="utf-8"><meta name="viewport" '
        f'content="width=device-width"><meta name="color-scheme" content="light dark">'
        f"<title>{escape(_plain(text.subject))}</title></head>"
        f'<body style="font:16px/1.5 sans-serif;max-width:36em;margin:0 auto;padding:16px">{"".join(body)}<hr>'
        f'<div style="font-size:14px"><p><b>{escape(_plain(frame.office))}</b> · SuratSah</p>{foot}</div>'
        "</body></html>\n"
    )


_BUTTON = (
    "display:inline-block;padding:10px 18px;background:#0e4a47;color:#ffffff;font-weight:bold;"
    "text-decoration:none;border-radius:3px"
)


def _linked(part: tuple[str, tuple[str, str] | None]) -> str:
    sentence, link = part
    return escape(sentence) + (f'<a href="{escape(link[1])}">{escape(link[0])}</a>' if link else "")


def _plain(text: str) -> str:
    """On one line: what a person typed must not begin a header of its own."""
    return " ".join(text.split())
