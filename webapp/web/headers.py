"""Security headers of every answer: nothing from another host, no inline script or style."""

_HEADERS = {
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


def register(app):
    """Send the headers with every answer of the app."""

    @app.after_request
    def add(response):
        response.headers.extend(_HEADERS)
        return response
