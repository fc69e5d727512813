"""Security headers of every answer: nothing from another host, no inline script or style."""

from flask import Flask, Response, request

HEADERS = {
    "Content-Security-Policy": "; ".join(
        (
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            "img-src 'self'",
            "connect-src 'self'",
            "base-uri 'none'",
            "form-action 'self'",
            "frame-ancestors 'none'",
        )
    ),
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
}


def register(app: Flask) -> None:
    """Send the headers with every answer of the app."""

    @app.after_request
    def add(response: Response) -> Response:
        response.headers.extend(HEADERS)
        is_private = f"{request.path}/".startswith("/admin/")
        if is_private and not response.cache_control.max_age:  # not for whoever comes next
            response.cache_control.no_store = True
        return response
