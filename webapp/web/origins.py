"""Where a request comes from, as browsers say."""

from urllib.parse import urlsplit

from flask import request

from nn.refusal import Refusal


def refuse_foreign_pages() -> None:
    """Refuse a request that changes something and comes from a page of another site.

    For routes without a CSRF token, before each request.
    """
    if request.method not in ("GET", "HEAD", "OPTIONS") and is_foreign():
        raise Refusal(
            "Pages of another site may not do this. Use Inkling's own.", code="foreign_origin"
        )


def is_foreign() -> bool:
    """Whether a page of another site sends the request. Programs say nothing."""
    origin = request.headers.get("Origin")
    is_cross_site = request.headers.get("Sec-Fetch-Site") == "cross-site"
    return is_cross_site or (origin is not None and not _is_ours(origin))


def is_own() -> bool:
    """Whether one of our own pages sends the request, by the browser's word."""
    return "Origin" in request.headers and not is_foreign()


def page_before(prefix: str) -> str | None:
    """Path and query of our page that led to this request, if its path begins like this."""
    referrer = request.referrer or ""
    if not _is_ours(referrer):
        return None
    path = referrer.partition(urlsplit(referrer).netloc)[2]
    return path if path.startswith(prefix) else None


def _is_ours(address: str) -> bool:
    try:
        return urlsplit(address).netloc.lower() == request.host.lower()
    except ValueError:  # not an address
        return False
