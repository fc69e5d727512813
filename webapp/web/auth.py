"""Signing in to the admin page: one password, sessions that end, CSRF on every form.

A session is Flask's signed cookie. It holds when it began and a fingerprint of the password, so
that a new password ends all older sessions.
"""

import hashlib
import hmac
import secrets
import time
from datetime import timedelta

import sqlalchemy as sa
from flask import current_app, redirect, request, session, url_for
from flask_wtf import CSRFProtect
from itsdangerous import BadSignature
from werkzeug.http import parse_cookie
from werkzeug.security import check_password_hash, generate_password_hash

from nn.refusal import Refusal
from webapp.config import MAX_PASSWORD
from webapp.storage import audit
from webapp.storage.tables import Setting, SignInAttempt, now

SESSION_HOURS = 12
MIN_PASSWORD = 8  # characters, of one that is set by hand
FREE_ATTEMPTS = 10  # wrong ones, within
WINDOW = timedelta(minutes=5)
SLOWED_BY = timedelta(seconds=2)  # each further attempt, one after the other
MAX_WAIT = timedelta(seconds=20)

DELAY = "inkling.delay"  # in a request's environ: ask the view again after so many seconds

_SECRET_KEY, _PASSWORD_HASH = "secret_key", "password_hash"
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # none that look alike


def register(app, database, settings):
    """Give the app its secret key, password, cookies and CSRF protection."""
    set_up(database, settings)
    with database.reading() as db:
        app.secret_key = db.get(Setting, _SECRET_KEY).value
    app.config.update(
        SESSION_COOKIE_NAME="inkling",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_REFRESH_EACH_REQUEST=False,  # a session ends at its time, however much is done
        SESSION_COOKIE_SAMESITE="Lax",
        WTF_CSRF_TIME_LIMIT=None,  # as long as the session
        WTF_CSRF_SSL_STRICT=False,  # there is no certificate to compare with
    )
    app.extensions["admin_password"] = settings["admin_password"]
    return CSRFProtect(app)


def set_up(database, settings):
    """Make what is missing: the key that signs sessions, and a password, which is printed."""
    with database.reading() as db:
        has_key = db.get(Setting, _SECRET_KEY)
        has_password = settings["admin_password"] or db.get(Setting, _PASSWORD_HASH)
    if has_key and has_password:
        return
    password = None
    with database.writing() as db:
        if not db.get(Setting, _SECRET_KEY):
            db.add(Setting(name=_SECRET_KEY, value=secrets.token_hex(32)))
        if not settings["admin_password"] and not db.get(Setting, _PASSWORD_HASH):
            password = _new_password()
            _store(db, password)
    if password:
        print(f"Admin password, shown this once: {password}", flush=True)


def _new_password():
    return "-".join("".join(secrets.choice(_LETTERS) for _ in range(4)) for _ in range(3))


def set_password(db, password):
    """Replace the stored password; ValueError with a sentence if it is too short or long."""
    if not MIN_PASSWORD <= len(password) <= MAX_PASSWORD:
        raise ValueError(f"A password has {MIN_PASSWORD} to {MAX_PASSWORD} characters.")
    _store(db, password)
    audit.note(db, "The password was changed.")


def _store(db, password):
    db.merge(Setting(name=_PASSWORD_HASH, value=generate_password_hash(password)))


def sign_in(db, password, lane):
    """Begin a session if the password is right; whether it is."""
    if not _is_right(db, password[: MAX_PASSWORD + 1]):
        db.add(SignInAttempt(lane=lane, at=now()))
        audit.note(db, "Someone tried to sign in with a wrong password.")
        return False
    session.clear()
    session.permanent = True
    session["admin"] = {"since": time.time(), "password": _fingerprint(db)}
    audit.note(db, "The presenter signed in.")
    return True


def sign_out():
    """End the session."""
    session.clear()


def is_signed_in(db):
    """Whether the request comes from a session that is signed in and has not expired."""
    admin = session.get("admin")
    return (
        isinstance(admin, dict)
        and time.time() - admin["since"] < SESSION_HOURS * 3600
        and hmac.compare_digest(admin["password"], _fingerprint(db))
    )


def is_of_presenter(app, cookies):
    """Whether a request's Cookie header holds a session of ours that was once signed in.

    Cheap, without the database, and outside a request: it does not say that the session is
    still valid.
    """
    signed = parse_cookie(cookies).get(app.config["SESSION_COOKIE_NAME"], "")
    try:
        return "admin" in app.session_interface.get_signing_serializer(app).loads(signed)
    except BadSignature:
        return False


def require_sign_in(db):
    """What to answer instead of the page: None for those who are signed in."""
    if is_signed_in(db):
        return None
    if request.method == "GET" and request.accept_mimetypes.best != "text/event-stream":
        return redirect(url_for("admin.sign_in", next=request.full_path.rstrip("?")))
    raise Refusal("Sign in on the admin page first.", code="not_signed_in")


def lane():
    """Who tries to sign in: a random token in the session. A room shares one address."""
    return session.setdefault("lane", secrets.token_urlsafe(16))


def must_wait(db):
    """Whether this attempt to sign in has to wait, because of the wrong ones before it.

    After FREE_ATTEMPTS wrong ones within WINDOW, by whomever, each further one waits, and those
    of the same browser one after the other: nobody is locked out. The view is asked again
    after the wait, unless it would be too long.
    """
    if request.environ.get(DELAY) == 0:  # it has waited
        return False
    wait = _seconds_to_wait(db, lane())
    if 0 < wait <= MAX_WAIT.total_seconds():
        request.environ[DELAY] = wait
    return wait > 0


def _seconds_to_wait(db, lane):
    """0.0 for not at all. A place in line counts as an attempt."""
    since = now() - WINDOW
    db.execute(sa.delete(SignInAttempt).where(SignInAttempt.at < since))
    if db.scalar(sa.select(sa.func.count()).select_from(SignInAttempt)) < FREE_ATTEMPTS:
        return 0.0
    last = db.scalar(sa.select(sa.func.max(SignInAttempt.at)).where(SignInAttempt.lane == lane))
    at = max(last or now(), now()) + SLOWED_BY
    wait = at - now()
    if wait <= MAX_WAIT:
        db.add(SignInAttempt(lane=lane, at=at))
    return wait.total_seconds()


def _is_right(db, password):
    expected = current_app.extensions["admin_password"]
    if expected:
        return hmac.compare_digest(password.encode(), expected.encode())
    return check_password_hash(db.get(Setting, _PASSWORD_HASH).value, password)


def _fingerprint(db):
    """Of the password that is valid now; says nothing about it."""
    password = current_app.extensions["admin_password"] or db.get(Setting, _PASSWORD_HASH).value
    return hmac.new(
        current_app.secret_key.encode(), password.encode(), hashlib.sha256
    ).hexdigest()
