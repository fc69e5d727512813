import ipaddress
import socket
from pathlib import Path

import pytest

from webapp import config
from webapp.room import joining
from webapp.server import serve


@pytest.fixture
def machine(monkeypatch):
    """A function that gives this machine other interfaces and another way out."""

    def machine(interfaces, way_out=None):
        monkeypatch.setattr(joining, "_with_names", lambda: interfaces)
        monkeypatch.setattr(joining, "_way_out", lambda: way_out)

    return machine


LOOPBACK = ("lo", "127.0.0.1")
WLAN = ("wlan0", "192.168.1.20")


def test_machine_finds_its_own_addresses():
    found = joining.of_this_machine()
    assert len(set(found)) == len(found)
    for address in found:
        ipaddress.ip_address(address)
        assert not joining.is_loopback(address)


def test_machine_without_network_has_no_address(machine):
    machine([LOOPBACK])
    assert joining.of_this_machine() == []
    assert joining.addresses("0.0.0.0", 8000) == []


def test_machine_without_a_way_out_still_has_its_addresses(monkeypatch):
    def fail(*_args):
        raise OSError("Network is unreachable")

    monkeypatch.setattr(socket.socket, "connect", fail)
    monkeypatch.setattr(joining, "_with_names", lambda: [LOOPBACK, WLAN])
    assert joining.of_this_machine() == ["192.168.1.20"]


def test_address_that_leads_further_comes_first(machine):
    machine([LOOPBACK, ("eth0", "10.0.0.5"), WLAN], "192.168.1.20")
    assert joining.of_this_machine() == ["192.168.1.20", "10.0.0.5"]


def test_way_out_counts_where_no_interface_has_it(machine):
    machine([LOOPBACK], "10.1.2.3")
    assert joining.of_this_machine() == ["10.1.2.3"]


@pytest.mark.parametrize(
    "other",
    [("docker0", "172.17.0.1"), ("tun0", "10.8.0.2"), ("eth0", "169.254.7.7")],
    ids=["virtual", "tunnel", "self-given"],
)
def test_addresses_that_no_phone_can_use_come_only_if_there_are_no_others(machine, other):
    machine([LOOPBACK, other, WLAN], other[1])
    assert joining.of_this_machine() == ["192.168.1.20"]
    machine([LOOPBACK, other], other[1])
    assert joining.of_this_machine() == [other[1]]


def test_network_without_ipv4_has_addresses_for_phones(machine):
    there = [LOOPBACK, ("lo", "::1"), ("wlan0", "fe80::7%wlan0"), ("wlan0", "2001:db8::7")]
    machine(there, "2001:db8::7")
    assert joining.wildcard() == "::"
    assert joining.addresses("::", 8000) == ["http://[2001:db8::7]:8000"]
    assert joining.addresses("0.0.0.0", 8000) == []  # it takes no IPv6
    machine([*there, WLAN])
    assert joining.wildcard() == "0.0.0.0"
    assert joining.addresses("::", 8000) == ["http://192.168.1.20:8000"]


def test_docker_alone_does_not_hide_a_network_without_ipv4(machine):
    machine([LOOPBACK, ("docker0", "172.17.0.1"), ("wlan0", "2001:db8::7")])
    assert joining.of_this_machine() == ["2001:db8::7"]


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("127.0.0.1", []),
        ("localhost", []),
        ("::1", []),
        ("0.0.0.0", ["http://192.168.1.20:8123"]),
        ("::", ["http://192.168.1.20:8123"]),
        ("192.168.7.7", ["http://192.168.7.7:8123"]),
        ("fd00::7", ["http://[fd00::7]:8123"]),
        ("laptop.local", ["http://laptop.local:8123"]),
    ],
)
def test_phones_get_only_addresses_that_the_server_listens_on(machine, host, expected):
    machine([LOOPBACK, WLAN])
    assert joining.addresses(host, 8123) == expected


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({}, ["make run HOST=0.0.0.0", "python -m webapp --host 0.0.0.0"]),
        (
            {"port": 8123},
            ["make run HOST=0.0.0.0 PORT=8123", "python -m webapp --host 0.0.0.0 --port 8123"],
        ),
        (
            {"data_dir": Path("my room"), "host": "localhost", "max_drawings": 99},
            ["python -m webapp --host 0.0.0.0 --data-dir 'my room' --max-drawings 99"],
        ),
    ],
)
def test_commands_that_let_phones_in_repeat_the_options_in_use(changed, expected):
    settings = config.from_environment({}) | changed
    assert joining.commands_that_let_phones_in(settings) == expected


def test_usual_port_is_left_out():
    assert joining.address_of("192.168.1.20", 80) == "http://192.168.1.20"
    assert joining.short("http://192.168.1.20/") == "192.168.1.20"


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("127.0.0.1", True),
        ("127.9.9.9", True),
        ("::1", True),
        ("[::1]", True),
        ("::ffff:127.0.0.1", True),
        ("192.168.1.2", False),
        ("::ffff:192.168.1.2", False),
        ("not an address", False),
    ],
)
def test_loopback_differs_from_other_addresses(address, expected):
    assert joining.is_loopback(address) is expected


def test_qr_code_is_dark_on_white_with_a_quiet_zone_and_without_styles():
    svg = joining.qr_svg("http://192.168.1.20:8000")
    assert 'viewBox="0 0 33 33"' in svg  # 25 modules and 4 on each side
    assert '<path fill="#fff" d="M0 0h33v33h-33z"/>' in svg
    assert 'stroke="#000"' in svg
    assert "style" not in svg


def test_qr_code_as_text_has_a_line_for_two_rows_of_modules():
    lines = joining.qr_text("http://192.168.1.20:8000", "utf-8").splitlines()
    assert {len(line) for line in lines} == {33}
    assert len(lines) == 17


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", None, "no such thing"])
def test_terminal_without_block_characters_gets_no_qr_code(encoding):
    assert joining.qr_text("http://192.168.1.20:8000", encoding) == ""


def test_start_prints_address_and_qr_code_for_phones(machine, capsys):
    machine([LOOPBACK, WLAN])
    serve._announce("0.0.0.0", 8123)
    printed = capsys.readouterr().out
    first = "Inkling: http://127.0.0.1:8123  http://192.168.1.20:8123  (Ctrl-C ends it)"
    assert printed.startswith(first)
    assert joining.qr_text("http://192.168.1.20:8123", "utf-8") in printed


@pytest.mark.parametrize("host", ["127.0.0.1", "0.0.0.0"])
def test_start_without_a_way_in_for_phones_prints_no_code(machine, capsys, host):
    machine([LOOPBACK])
    serve._announce(host, 8123)
    assert capsys.readouterr().out == (
        "Inkling: http://127.0.0.1:8123  (Ctrl-C ends it)\n"
        "For the presenter: http://127.0.0.1:8123/admin/\n"
    )


def test_start_on_an_address_of_its_own_names_it_once(capsys):
    serve._announce("192.168.7.7", 8123)
    assert capsys.readouterr().out.startswith("Inkling: http://192.168.7.7:8123  (Ctrl-C")
