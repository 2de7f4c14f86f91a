"""Sign-in (Flask-Security), CSRF, rate limits and response headers of every page."""

from __future__ import annotations

from pathlib import Path

from flask import Flask, Response, abort, request
from flask.sessions import SecureCookieSessionInterface, SessionMixin
from flask_babel import Babel
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_security import Security, SQLAlchemySessionUserDatastore, UsernameUtil, password_changed
from flask_wtf import CSRFProtect

from signer.accounts import Role, User, normal_username
from signer.db import Database
from signer.errors import Invalid
from signer.settings import Settings
from signer.web import language
from signer.web.language import N_

UPLOAD_LIMIT = 20 * 10 * 1024 * 1024 + 2 * 1024 * 1024
"""All files of one form together: 20 of 10 MB, and the form around them."""
SESSION_HOURS = 12
CSP = (
    "default-src 'self'; img-src 'self' data: blob:; object-src 'none'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": CSP,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "X-Frame-Options": "DENY",
    "Permissions-Policy": "camera=(self), microphone=(), geolocation=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "X-Robots-Tag": "noindex, nofollow",
}

MESSAGES = {
    "GENERIC_AUTHN_FAILED": N_("Nama pengguna atau kata sandi salah. Periksa huruf besar-kecil, lalu coba lagi."),
    "DISABLED_ACCOUNT": N_("Akun ini tidak aktif. Hubungi Admin kantor."),
    "UNAUTHENTICATED": N_("Masuk lebih dahulu untuk membuka halaman ini."),
    "LOGIN": N_("Masuk lebih dahulu untuk membuka halaman ini."),
    "UNAUTHORIZED": N_("Peran Anda tidak boleh membuka halaman atau melakukan tindakan ini."),
    "REAUTHENTICATION_REQUIRED": N_("Masuk sekali lagi untuk melakukan tindakan ini."),
    "REFRESH": N_("Masuk sekali lagi untuk melakukan tindakan ini."),
    "PASSWORD_NOT_PROVIDED": N_("Isi kata sandi."),
    "INVALID_PASSWORD": N_("Kata sandi sekarang salah."),
    "PASSWORD_INVALID_LENGTH": N_("Kata sandi paling sedikit %(length)s karakter."),
    "PASSWORD_TOO_SIMPLE": N_("Kata sandi ini terlalu mudah ditebak."),
    "PASSWORD_IS_THE_SAME": N_("Kata sandi baru harus berbeda dari yang lama."),
    "RETYPE_PASSWORD_MISMATCH": N_("Kedua kata sandi baru tidak sama."),
    "PASSWORD_CHANGE": N_("Kata sandi sudah diganti."),
}
"""Flask-Security's sentences that a person can meet, under its own names for them."""

limiter = Limiter(get_remote_address, default_limits=["600/minute"], storage_uri="memory://")
"""Bound to an application by `secure`; counts per process (a proxy in front counts for all)."""


class Usernames(UsernameUtil):
    """Our own spelling of user names: dots, dashes and telephone numbers, as accounts.normal_username has them."""

    def normalize(self, username: str) -> str | None:
        """The name as it is stored, or None where it cannot be one."""
        return _identity(username)

    def validate(self, username: str) -> tuple[str | None, str | None]:
        """No message for a name that cannot be one either: it is simply nobody's, like a wrong password."""
        return None, _identity(username) or username


class Sessions(SecureCookieSessionInterface):
    """Cookie sessions, but never for a style sheet: it is the same for everybody, and kept by browsers as such."""

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        """Flask-Login looks into the session after every request, which would make each answer vary by cookie."""
        if request.endpoint != "static":
            super().save_session(app, session, response)


def secure(app: Flask, db: Database, settings: Settings, session_secret: str, translations: Path) -> None:
    """Switch on sign-in, CSRF, limits, languages and headers."""
    app.config.update(_config(settings, session_secret), BABEL_TRANSLATION_DIRECTORIES=str(translations))
    app.config.update(_messages(), SECURITY_I18N_DOMAIN="messages", SECURITY_I18N_DIRNAME=str(translations))
    app.before_request(_require_length)  # before CSRF, which would read the body
    app.session_interface = Sessions()
    session = db.scoped()
    users = SQLAlchemySessionUserDatastore(session, User, Role)
    app.security = Security(app, users, register_blueprint=True, username_util_cls=Usernames)  # type: ignore[attr-defined]  # where Flask-Security's own documentation keeps it
    app.security.principal.skip_static = True  # type: ignore[attr-defined]  # as above; nobody is looked up for a file
    app.teardown_appcontext(lambda _error: session.remove())
    password_changed.connect(_own_password, app)
    CSRFProtect(app)
    limiter.init_app(app)
    limiter.limit("30/minute", methods=["POST"])(app.view_functions["security.login"])
    Babel(app, default_locale="id", default_timezone="Asia/Jakarta", locale_selector=language.asked_for)
    app.after_request(_headers)


def _own_password(_app: Flask, user: User, **_more: object) -> None:
    """They set it themselves: nothing is asked of them any more. Flask-Security commits after its view."""
    user.must_change_password = False


def _config(settings: Settings, session_secret: str) -> dict[str, object]:
    secure_cookies = settings.base_url.startswith("https://") and not settings.development
    return {
        "SECRET_KEY": session_secret,
        "MAX_CONTENT_LENGTH": UPLOAD_LIMIT,
        "MAX_FORM_MEMORY_SIZE": 2 * 1024 * 1024,
        "PERMANENT_SESSION_LIFETIME": SESSION_HOURS * 3600,
        "SESSION_COOKIE_NAME": "surat",
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_SECURE": secure_cookies,
        "REMEMBER_COOKIE_SECURE": secure_cookies,
        "WTF_CSRF_TIME_LIMIT": None,
        "SECURITY_PASSWORD_SALT": session_secret,
        "SECURITY_LOGIN_URL": "/masuk",
        "SECURITY_LOGOUT_URL": "/keluar",
        "SECURITY_LOGOUT_METHODS": ["POST"],
        "SECURITY_POST_LOGOUT_VIEW": "/masuk",
        "SECURITY_CHANGEABLE": True,
        "SECURITY_CHANGE_URL": "/kata-sandi",
        "SECURITY_SEND_PASSWORD_CHANGE_EMAIL": False,
        "SECURITY_PASSWORD_LENGTH_MIN": 10,
        "SECURITY_USERNAME_ENABLE": True,
        "SECURITY_USER_IDENTITY_ATTRIBUTES": [{"username": {"mapper": _identity, "case_insensitive": True}}],
        "SECURITY_DEFAULT_REMEMBER_ME": False,
        "SECURITY_RETURN_GENERIC_RESPONSES": True,
    }


def _identity(text: str | None) -> str | None:
    """A typed user name as it is stored, or None where it cannot be one, or the form came without its field."""
    try:
        return normal_username(text or "")
    except Invalid:
        return None


def _messages() -> dict[str, tuple[str, str]]:
    """MESSAGES as Flask-Security's configuration takes them."""
    good = {"PASSWORD_CHANGE"}
    return {f"SECURITY_MSG_{name}": (text, "success" if name in good else "error") for name, text in MESSAGES.items()}


def _require_length() -> None:
    """Refuse a body without Content-Length: Werkzeug would cut a chunked one silently at the limit."""
    if request.method in ("POST", "PUT", "PATCH") and request.content_length is None:
        abort(411)


def _headers(response: Response) -> Response:
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    if request.endpoint != "static" and "Cache-Control" not in response.headers:
        response.headers["Cache-Control"] = "no-store"
    if response.mimetype == "text/html":
        response.vary.update(("Accept-Language", "Cookie"))  # the cookie of a chosen language
    return response
