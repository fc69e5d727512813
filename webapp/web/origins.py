"""Where a request comes from, as browsers say."""

from urllib.parse import urlsplit

from flask import current_app, request
from werkzeug.exceptions import HTTPException

from nn.refusal import Refusal


def refuse_foreign_pages() -> None:
    """Refuse a request that changes something and comes from a page of another site.

    For routes without a CSRF token, before each request.
    """
    if request.method in ("GET", "HEAD", "OPTIONS") or not is_foreign():
        return
    if _is_cross_site():
        raise Refusal(
            "Pages of another site may not do this. Use Inkling's own.", code="foreign_origin"
        )
    # A browser may know no better over plain http, and a proxy may have changed the Host.
    raise Refusal(
        "The page is at {origin!r:.99}, but Inkling was asked as {host!r:.99}. Pages of "
        "another site may not do this. If a proxy stands in front of Inkling, start it with "
        "INKLING_TRUSTED_PROXIES=1, and let the proxy send X-Forwarded-Host.",
        code="foreign_origin",
        origin=request.headers["Origin"],
        host=request.host,
    )


def is_foreign() -> bool:
    """Whether a page of another site sends the request. Programs say nothing."""
    origin = request.headers.get("Origin")
    return _is_cross_site() or (origin is not None and not _is_ours(origin))


def is_own() -> bool:
    """Whether one of our own pages sends the request, by the browser's word."""
    return "Origin" in request.headers and not is_foreign()


def page_before(prefix: str) -> str | None:
    """Path and query of our page that led to this request, if its path begins like this."""
    referrer = request.referrer or ""
    if not _is_ours(referrer):
        return None
    path = referrer.partition(urlsplit(referrer).netloc)[2]
    is_elsewhere = path.startswith(("//", "/\\"))  # browsers read this as another host
    return path if path.startswith(prefix) and not is_elsewhere else None


def is_page(path: str) -> bool:
    """Whether a path of ours, without the query, can be opened."""
    adapter = current_app.create_url_adapter(request)
    try:
        return bool(adapter and adapter.match(path, method="GET"))
    except HTTPException:
        return False


def _is_cross_site() -> bool:
    return request.headers.get("Sec-Fetch-Site") == "cross-site"


def _is_ours(address: str) -> bool:
    try:
        return urlsplit(address).netloc.lower() == request.host.lower()
    except ValueError:  # not an address
        return False
