"""Requests without a CSRF token: a page of another site must not act for who looks at it."""

from urllib.parse import urlsplit

from flask import request

from nn.refusal import Refusal


def refuse_foreign_pages() -> None:
    """Refuse a request that changes something and comes from a page of another site.

    Browsers say where a request comes from. Programs say nothing, and need not.
    """
    if request.method in ("GET", "HEAD", "OPTIONS"):
        return
    origin = request.headers.get("Origin")
    is_foreign = origin is not None and not _is_ours(origin)
    if is_foreign or request.headers.get("Sec-Fetch-Site") == "cross-site":
        raise Refusal(
            "Pages of another site may not do this. Use Inkling's own.", code="foreign_origin"
        )


def _is_ours(origin: str) -> bool:
    try:
        return urlsplit(origin).netloc.lower() == request.host.lower()
    except ValueError:  # not an address
        return False
