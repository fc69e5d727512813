"""The real nginx with the configurations that docs/ prints."""

import contextlib
import os
import re
import subprocess

import pytest

from tests.support.other_servers import NotInstalled, program
from tests.support.server import ROOT, free_port, wait_until_listening

_FRAME = """
daemon off;
pid {folder}/pid;
error_log {folder}/errors;
{user}
worker_rlimit_nofile 4096;
events {{ worker_connections 2048; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
{servers}
}}
"""


@contextlib.contextmanager
def running_nginx(port, folder):
    """Both configurations in front of a server's port: yields the ports, plain and with TLS."""
    try:
        program("nginx"), program("openssl")
    except NotInstalled as error:
        pytest.skip(str(error))
    _make_certificate(folder)
    plain, secure = free_port(), free_port()
    servers = printed("deploying.md")
    for old, new in {
        "listen 80;": f"listen 127.0.0.1:{plain};",
        "listen 443 ssl;": f"listen 127.0.0.1:{secure} ssl;",
        "http://127.0.0.1:8000": f"http://127.0.0.1:{port}",
        "/etc/ssl/certs/school.example.pem": f"{folder}/certificate",
        "/etc/ssl/private/school.example.key": f"{folder}/key",
    }.items():
        assert old in servers
        servers = servers.replace(old, new)
    with serving(servers, plain, folder):
        yield plain, secure


def printed(name):
    """The configurations of nginx that a page of docs/ prints."""
    text = (ROOT / "docs" / name).read_text("utf-8")
    return "\n".join(re.findall("```nginx\n(.*?)```", text, re.DOTALL))


@contextlib.contextmanager
def serving(servers, port, folder):
    """nginx with these servers, one of which listens on the port; yields its process."""
    user = "user root;" if os.geteuid() == 0 else ""
    (folder / "conf").write_text(_FRAME.format(folder=folder, user=user, servers=servers))
    command = [program("nginx"), "-p", folder, "-e", "stderr", "-c", folder / "conf"]
    process = subprocess.Popen(command)
    try:
        wait_until_listening(process, port)
        yield process
    finally:
        process.terminate()
        process.wait(timeout=30)


def _make_certificate(folder):
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"]
    command += ["-subj", "/CN=school.example", "-keyout", folder / "key"]
    subprocess.run(
        [*command, "-out", folder / "certificate"], check=True, stderr=subprocess.DEVNULL
    )
