"""Uses the admin pages without a browser: signs in, sends forms with their CSRF token."""

import json
import re

from tests.support.server import PASSWORD


def token(client, path="/admin/sign-in", **there):
    """The CSRF token of a page's forms."""
    page = client.get(path, **there).text
    return re.search(r'name="csrf_token" value="([^"]+)"', page)[1]


def sign_in(client, password=PASSWORD):
    """Send the sign-in form; the answer."""
    form = {"password": password, "csrf_token": token(client)}
    return client.post("/admin/sign-in", data=form)


def send(client, path, page="/admin/versions", **fields):
    """Send a form as `page` holds it, and follow to the page that comes after it."""
    fields["csrf_token"] = token(client, page)
    return client.post(path, data=fields, follow_redirects=True)


def messages(text):
    """The server-sent events of a stream: a list of (kind, data)."""
    return [
        (kind, json.loads(data))
        for kind, data in re.findall("event: (.*)\ndata: (.*)\n\n", text)
    ]
