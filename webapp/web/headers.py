"""Security headers of every answer: nothing from another host, no inline script or style."""

from flask import Flask, Response, request

POLICY = "Content-Security-Policy"


def policy(images: str = "'self'") -> str:
    """A value of POLICY: from where a page may load what.

    images : where its pictures may come from
    """
    return "; ".join(
        (
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            f"img-src {images}",
            "connect-src 'self'",
            "base-uri 'none'",
            "form-action 'self'",
            "frame-ancestors 'none'",
        )
    )


HEADERS = {
    POLICY: policy(),
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
}


def register(app: Flask) -> None:
    """Send the headers with every answer of the app, beside those that a view has set."""

    @app.after_request
    def add(response: Response) -> Response:
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        is_private = f"{request.path}/".startswith("/admin/")
        if is_private and not response.cache_control.max_age:  # not for whoever comes next
            response.cache_control.no_store = True
        return response
