"""Signing in to the admin page: one password, sessions that end, CSRF on every form.

A session is Flask's signed cookie and a row of AdminSession. The cookie holds when it began and
a fingerprint of the password, so that a new password ends all older sessions. Signing out
deletes the row, which also ends copies of the cookie.
"""

import contextlib
import hashlib
import hmac
import math
import re
import secrets
import time
from datetime import timedelta

import sqlalchemy as sa
from flask import Flask, current_app, redirect, request, session, url_for
from flask.sessions import SecureCookieSessionInterface
from flask_wtf import CSRFProtect
from itsdangerous import BadSignature
from sqlalchemy.orm import Session
from werkzeug.http import parse_cookie
from werkzeug.security import check_password_hash
from werkzeug.wrappers import Response

from nn.refusal import Refusal
from nn.words import counted
from webapp import config
from webapp.config import MAX_PASSWORD, Settings
from webapp.storage import audit, first_start
from webapp.storage.database import Database
from webapp.storage.tables import AdminSession, Setting, SignInAttempt, now
from webapp.web import cookies, resuming

SESSION_HOURS = 12
_MOST_SESSIONS = 8  # cookies of one request, one for each port; to check each takes time
WINDOW = timedelta(minutes=5)
MOST_ATTEMPTS = 10  # wrong passwords of one browser session within WINDOW
MOST_OVERALL = 100  # of all browser sessions; more only of those with at most FEW of their own
FEW = 1
MOST_AT_ALL = 3000  # whoever they are of: a session that is new each time would have no limit


class TooManyAttempts(Refusal):
    """Too many wrong passwords came before this attempt.

    seconds : int, until the next attempt may be made
    """

    code = "too_many_attempts"

    def __init__(self, seconds: int) -> None:
        super().__init__(
            counted(
                "Too many wrong passwords. Try again in {count} minute.",
                "Too many wrong passwords. Try again in {count} minutes.",
                math.ceil(seconds / 60),
            )
        )
        self.seconds = seconds


def register(app: Flask, database: Database, settings: Settings) -> CSRFProtect:
    """Give the app its secret key, password, cookies and CSRF protection."""
    # Without a database nobody signs in; pages that need none are served all the same.
    app.secret_key = first_start.secret_key(database) or secrets.token_hex(32)
    app.config.update(
        SESSION_COOKIE_NAME="inkling",  # and a port: cookies.name_here
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_REFRESH_EACH_REQUEST=False,  # a session ends at its time, however much is done
        SESSION_COOKIE_SAMESITE="Lax",
        WTF_CSRF_TIME_LIMIT=None,  # as long as the session
        WTF_CSRF_SSL_STRICT=False,  # there is no certificate to compare with
    )
    app.session_interface = _Session()
    app.extensions["admin_password"] = settings["admin_password"]
    return CSRFProtect(app)


class _Session(SecureCookieSessionInterface):
    """Flask's signed cookie, as fits the address that the browser used."""

    def get_cookie_name(self, app: Flask) -> str:
        return cookies.name_here(super().get_cookie_name(app))

    def get_cookie_path(self, _app: Flask) -> str:
        return f"{request.script_root}/"

    def get_cookie_secure(self, _app: Flask) -> bool:
        return request.is_secure


def set_password(db: Session, password: str) -> None:
    """Replace the stored password; Refusal if it is too short or too long."""
    config.password(password)
    db.merge(Setting.password(password))
    db.execute(sa.delete(AdminSession))
    audit.note(db, "The password was changed.")


def sign_in(database: Database, password: str) -> bool:
    """Begin a session if the password is right; returns whether it is.

    Raises TooManyAttempts without a look at the password if too many wrong ones came before.
    To check a password takes long on purpose, so nothing is locked meanwhile: the attempt
    counts before the check, and is forgotten if the password was right.
    """
    sender = visitor()
    with database.writing() as db:
        _count_attempt(db, sender)
    with database.reading() as db:
        valid = _valid_password(db)
    is_right = _matches(password[: MAX_PASSWORD + 1], valid)
    with database.writing() as db:
        if not is_right:
            audit.note_counted(
                db,
                "wrong_password",
                1,
                "Sign-in with a wrong password, {count} time.",
                "Sign-in with a wrong password, {count} times.",
            )
            return False
        db.execute(sa.delete(SignInAttempt).where(SignInAttempt.visitor == sender))
        session.clear()
        session.permanent = True
        session["admin"] = {
            "id": _begin_session(db),
            "since": time.time(),
            "password": _fingerprint(valid),
        }
        audit.note(db, "The presenter signed in.")
    return True


def visitor() -> str:
    """A random token that tells browser sessions apart. A whole room may share one address."""
    token: str = session.setdefault("visitor", secrets.token_urlsafe(16))
    return token


def _count_attempt(db: Session, sender: str) -> None:
    """Count an attempt; TooManyAttempts if there were too many.

    A room that tries passwords must not keep the presenter out, who gets it right at once or
    nearly so: this is why a session with few wrong ones is let through for longer.
    """
    window = SignInAttempt.at.between(now() - WINDOW, now())  # the clock may have been set back
    db.execute(sa.delete(SignInAttempt).where(~window))
    own = SignInAttempt.visitor == sender
    has_few = (db.scalar(sa.select(sa.func.count()).where(own)) or 0) <= FEW
    seconds = max(
        _seconds_to_wait(db, MOST_ATTEMPTS, own),
        _seconds_to_wait(db, MOST_AT_ALL if has_few else MOST_OVERALL),
    )
    if seconds:
        raise TooManyAttempts(seconds)
    db.add(SignInAttempt(visitor=sender, at=now()))


def _seconds_to_wait(db: Session, most: int, *conditions: sa.ColumnElement[bool]) -> int:
    """Seconds until there are fewer than `most` attempts; 0 if there are now."""
    query = sa.select(sa.func.count(), sa.func.min(SignInAttempt.at)).where(*conditions)
    number, oldest = db.execute(query).one()
    return math.ceil((oldest + WINDOW - now()).total_seconds()) if number >= most else 0


def sign_out(db: Session) -> None:
    """End the session, also for a copy of its cookie.

    The browser keeps a cookie, by which one sees that it takes any.
    """
    db.execute(sa.delete(AdminSession).where(AdminSession.id == session_id()))
    session.clear()
    visitor()


def is_signed_in(db: Session) -> bool:
    """Whether the request comes from a session that is signed in and has not ended."""
    admin = session.get("admin")
    return (
        isinstance(admin, dict)
        and time.time() - admin["since"] < SESSION_HOURS * 3600
        and hmac.compare_digest(admin["password"], _fingerprint(_valid_password(db)))
        and db.get(AdminSession, session_id()) is not None
    )


def has_cookie() -> bool:
    """Whether the request comes with a cookie of a session, be it ours or not."""
    return current_app.session_interface.get_cookie_name(current_app) in request.cookies


def session_id() -> str:
    """The id of the request's AdminSession; "" if there is none."""
    admin = session.get("admin")
    return _hashed(admin["id"]) if isinstance(admin, dict) and "id" in admin else ""


def open_sessions(db: Session) -> set[str]:
    """The ids of all AdminSessions that have not ended."""
    recent = AdminSession.began > now() - timedelta(hours=SESSION_HOURS)
    return set(db.scalars(sa.select(AdminSession.id).where(recent)))


def _begin_session(db: Session) -> str:
    """Add an AdminSession, and forget old ones; returns the text that its id is the hash of."""
    token = secrets.token_urlsafe(16)
    db.execute(sa.delete(AdminSession).where(AdminSession.id.not_in(open_sessions(db))))
    db.add(AdminSession(id=_hashed(token), began=now()))
    return token


def _hashed(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def is_of_presenter(app: Flask, header: str) -> bool:
    """Whether a request's Cookie header holds a session of ours that was once signed in.

    This is cheap and works outside a request, without the database. The session may no
    longer be valid.
    """
    serializer = SecureCookieSessionInterface().get_signing_serializer(app)
    pattern = re.compile(rf"{app.config['SESSION_COOKIE_NAME']}(_\d{{1,5}})?")
    ours = [text for name, text in parse_cookie(header).items() if pattern.fullmatch(name)]
    for signed in ours[:_MOST_SESSIONS]:
        with contextlib.suppress(BadSignature):
            if serializer and "admin" in serializer.loads(signed):
                return True
    return False


def require_sign_in(db: Session) -> Response | None:
    """What to answer in place of the page; None for those who are signed in."""
    if is_signed_in(db):
        return None
    if (
        request.method in ("GET", "HEAD")
        and request.accept_mimetypes.best != "text/event-stream"
    ):
        return redirect(url_for("admin.sign_in", next=resuming.here()))
    if request.method == "POST" and not request.is_json:
        return resuming.sign_in_page(401)
    raise Refusal("Sign in on the admin page first.", code="not_signed_in")


def _valid_password(db: Session) -> str:
    """The password if it is a setting, else the hash of the stored one."""
    password: str | None = current_app.extensions["admin_password"]
    return password or db.get_one(Setting, Setting.PASSWORD_HASH).value


def _matches(password: str, valid: str) -> bool:
    if current_app.extensions["admin_password"]:
        return hmac.compare_digest(password.encode(), valid.encode())
    return check_password_hash(valid, password)


def _fingerprint(valid: str) -> str:
    """A text that depends on the valid password but does not reveal it."""
    key = str(current_app.secret_key).encode()
    return hmac.new(key, valid.encode(), hashlib.sha256).hexdigest()
