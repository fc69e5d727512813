"""Names under which browsers may reach Inkling, and what proxies say of the browser."""

import pytest
from flask import request

from tests.support import prepared
from tests.support.pages import token
from tests.support.server import PASSWORD
from webapp import config, create_app
from webapp.web.hosts import _Names


@pytest.fixture
def behind_proxy(settings):
    """A function that makes a client of an application behind a number of proxies."""
    apps = []

    def behind_proxy(number=1, **changed):
        prepared.fill(settings["data_dir"])
        apps.append(create_app(settings | {"trusted_proxies": number} | changed))
        return apps[-1].test_client()

    yield behind_proxy
    for app in apps:
        prepared.close(app)


SEEN = {  # what a browser sees at https://school.example/ink/
    "X-Forwarded-Proto": "https",
    "X-Forwarded-Host": "school.example",
    "X-Forwarded-Prefix": "/ink",
    "X-Forwarded-For": "192.0.2.7",
}


def knows(name, **changed):
    return name in _Names(config.from_environment({}) | changed)


@pytest.mark.parametrize(
    "name",
    [
        "localhost",
        "127.0.0.1",
        "[::1]",
        "192.168.1.20",
        "10.9.8.7",
        "[fd00::7]",
        "inkling",
        "laptop.local",
        "LAPTOP.LAN",
        "localhost.",
    ],
)
def test_names_that_no_other_site_can_have_are_known(name):
    assert knows(name)


def test_other_names_must_be_listed():
    assert not knows("elsewhere.example")
    assert knows("elsewhere.example", allowed_hosts="one.example,elsewhere.example")
    assert not knows("sub.elsewhere.example", allowed_hosts="elsewhere.example")
    assert knows("elsewhere.example", allowed_hosts="*")
    assert knows("inkling.school.example", host="Inkling.school.example")
    assert knows("elsewhere.example", trusted_proxies=1)  # which lets through what it knows
    assert not knows("elsewhere.example", trusted_proxies=1, allowed_hosts="one.example")


def test_this_machines_own_name_is_known(monkeypatch):
    monkeypatch.setattr("socket.gethostname", lambda: "Laptop.school.example")
    assert knows("laptop.school.example")


@pytest.mark.parametrize(
    "host",
    [
        "elsewhere.example",
        "elsewhere.example:8000",
        "a..b",
        ".",
        "x" * 300,
        "x/y",
        "a b",
        "[::1",
        "x:port",
        "\x1b[31m",
        "ü.example",
    ],
)
def test_unknown_host_is_refused_with_a_sentence(client, host):
    for path in ("/", "/admin/", "/nothing"):
        answer = client.get(path, environ_overrides={"HTTP_HOST": host})
        assert answer.status_code == 400
        assert "INKLING_ALLOWED_HOSTS" in answer.text
    answer = client.post("/api/predict", environ_overrides={"HTTP_HOST": host})
    assert answer.json["error"]["code"] == "unknown_host"


def test_wrong_list_of_hosts_is_named():
    with pytest.raises(config.ConfigError, match=r"'https://a\.example' is no name of a host"):
        config.from_environment({"INKLING_ALLOWED_HOSTS": "b.example, https://a.example"})


def test_what_a_trusted_proxy_says_counts(behind_proxy):
    client = behind_proxy().application.test_client(use_cookies=False)
    page = client.get("/", headers=SEEN).text
    assert 'href="/ink/static/css/shared/base.css"' in page
    answer = client.get("/admin/", headers=SEEN)
    assert answer.location == "/ink/admin/sign-in?next=/ink/admin/"
    sent = client.get(answer.location.removeprefix("/ink"), headers=SEEN)
    csrf = sent.text.partition('name="csrf_token" value="')[2].partition('"')[0]
    cookie = sent.headers["Set-Cookie"]
    assert "; Secure;" in cookie
    assert "; Path=/ink/" in cookie
    form = {"password": PASSWORD, "csrf_token": csrf}
    headers = SEEN | {"Cookie": cookie.partition(";")[0]}
    answer = client.post("/admin/sign-in?next=/ink/admin/log", data=form, headers=headers)
    assert (answer.status_code, answer.location) == (303, "/ink/admin/log")


def test_what_anybody_says_does_not_count_by_default(client):
    page = client.get("/", headers=SEEN)
    assert 'href="/static/css/shared/base.css"' in page.text
    assert "Secure" not in client.get("/admin/sign-in", headers=SEEN).headers["Set-Cookie"]


@pytest.mark.parametrize(("number", "expected"), [(1, "10.0.0.1"), (2, "192.0.2.7")])
def test_sender_is_counted_from_the_nearest_proxy(behind_proxy, number, expected):
    client = behind_proxy(number)
    seen = []
    client.application.before_request(lambda: seen.append(request.remote_addr))
    client.get("/healthz", headers={"X-Forwarded-For": "6.6.6.6, 192.0.2.7, 10.0.0.1"})
    assert seen == [expected]


def test_origin_is_compared_with_what_the_browser_saw(behind_proxy, client):
    game = {"json": {"right": True}}
    own = {"Origin": "https://school.example"}
    assert behind_proxy().post("/api/game", headers=SEEN | own, **game).status_code == 200
    foreign = {"Origin": "https://elsewhere.example"}
    assert behind_proxy().post("/api/game", headers=SEEN | foreign, **game).status_code == 403
    answer = client.post("/api/game", headers=SEEN | own, **game)  # the Host was rewritten
    sentence = answer.json["error"]["message"]
    assert (answer.status_code, "INKLING_TRUSTED_PROXIES=1" in sentence) == (403, True)
    assert "'https://school.example'" in sentence


def test_room_gets_the_address_that_the_proxy_has(behind_proxy):
    client = behind_proxy()
    there = {"base_url": "https://inkling.lan/"}
    form = {"password": PASSWORD, "csrf_token": token(client, **there)}
    client.post("/admin/sign-in", data=form, **there)
    page = client.get("/admin/wall", headers={"X-Forwarded-Prefix": "/ink"}, **there).text
    assert 'aria-label="QR code of https://inkling.lan/ink/"' in page
    assert "<code>https://inkling.lan/ink/wall?token=" in page
    assert "firewall" not in page  # of the laptop


def cookie_of(client, address):
    """The name of the presenter's cookie for a browser that uses this address."""
    form = {"password": PASSWORD, "csrf_token": token(client, base_url=address)}
    answer = client.post("/admin/sign-in", data=form, base_url=address)
    return answer.headers["Set-Cookie"].partition("=")[0]


def test_two_inklings_on_one_machine_have_cookies_of_their_own(client):
    names = [cookie_of(client, f"http://localhost{port}/") for port in ("", ":8000", ":8001")]
    assert names == ["inkling", "inkling_8000", "inkling_8001"]


def test_nodes_behind_one_proxy_share_their_cookies(behind_proxy):
    nodes = [behind_proxy(1, port=port) for port in (8000, 8001)]
    assert {cookie_of(node, "https://inkling.lan/") for node in nodes} == {"inkling"}


def test_page_behind_a_proxy_does_not_follow_the_network_of_one_node(behind_proxy):
    """Its stream of events may come from another one, whose addresses differ."""
    client = behind_proxy()
    cookie_of(client, "https://inkling.lan/")
    page = client.get("/admin/wall", base_url="https://inkling.lan/").text
    assert 'data-machine="null"' in page
