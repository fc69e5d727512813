"""How phones connect: the addresses of this machine that they can use, as text and QR code."""

import contextlib
import io
import ipaddress
import shlex
import socket

import segno

from webapp import config

WILDCARDS = ("0.0.0.0", "::", "")
# Addresses that belong to nobody, RFC 5737 and 3849.
_NOWHERE = ((socket.AF_INET, "192.0.2.1"), (socket.AF_INET6, "2001:db8::1"))
# Names of interfaces that phones cannot use: virtual networks of this machine, and tunnels.
_NOT_FOR_PHONES = (
    *("docker", "br-", "veth", "virbr", "vmnet", "vboxnet", "podman", "cni", "flannel"),
    *("lxc", "lxd", "tun", "tap", "utun", "wg", "tailscale", "zt"),
)


def lets_others_in(host: str) -> bool:
    """Whether other machines can reach a server that listens on `host`."""
    return host in WILDCARDS or not is_loopback(host)


def is_loopback(host: str) -> bool:
    """Whether a name or address always means the machine itself."""
    address = _parsed(host)
    return address.is_loopback if address else host.lower() == "localhost"


def plain(address: str) -> str:
    """An address as this machine's own are written, without what IPv6 wraps around it."""
    return str(_parsed(address) or address)


def names(host: str) -> list[str]:
    """This machine's addresses that phones can use, the most likely first.

    host : what the server listens on
    """
    if not lets_others_in(host):
        return []
    if host not in WILDCARDS:
        return [host]
    return [name for name in of_this_machine() if host == "::" or ":" not in name]


def wildcard() -> str:
    """What to listen on for phones. "::" takes both kinds of addresses, if the system can."""
    return "::" if ":" in "".join(of_this_machine()) else "0.0.0.0"


def addresses(host: str, port: int) -> list[str]:
    """What people type on their phones, in the same order."""
    return [address_of(name, port) for name in names(host)]


def address_of(host: str, port: int) -> str:
    """The address of the draw page."""
    host = f"[{host}]" if ":" in host else host
    return f"http://{host}" if port == 80 else f"http://{host}:{port}"


def commands_that_let_phones_in(settings: config.Settings) -> list[str]:
    """The commands that start Inkling as it runs now, but let phones in; the shortest first."""
    changed = {
        name: shlex.quote(str(settings[name]))
        for name, setting in config.SETTINGS.items()
        if setting.is_option and settings[name] != setting.default
    }
    options = {"host": "0.0.0.0"} | {k: v for k, v in changed.items() if k != "host"}
    typed = [f"--{name.replace('_', '-')} {value}" for name, value in options.items()]
    commands = [" ".join([config.COMMAND, *typed])]
    if not config.IS_INSTALLED and options.keys() <= {"host", "port"}:  # which make knows
        commands.insert(
            0, " ".join(["make run", *(f"{k.upper()}={v}" for k, v in options.items())])
        )
    return commands


def short(address: str) -> str:
    """An address as people type it."""
    return address.removeprefix("http://").rstrip("/")


def of_this_machine() -> list[str]:
    """The IPv4 addresses of this machine that other devices can reach, else those of IPv6.

    The address on the way to other networks comes first. Addresses of tunnels, of virtual
    networks and self-assigned ones are left out if there are others.
    """
    found = dict.fromkeys(_with_names())
    first = _way_out()
    if first and first not in [address for _, address in found]:
        found[("", first)] = None
    others = [(n, a) for n, a in found if not is_loopback(a)]
    likely = [(n, a) for n, a in others if _is_likely(n, a)]
    chosen = dict.fromkeys(_of_one_kind([a for _, a in likely] or [a for _, a in others]))
    return sorted(chosen, key=lambda address: address != first)


def _of_one_kind(addresses: list[str]) -> list[str]:
    """The IPv4 ones, which are easier to type; else those of IPv6 that work without a zone."""
    return [a for a in addresses if ":" not in a] or [a for a in addresses if "%" not in a]


def _is_likely(name: str, address: str) -> bool:
    is_self_assigned = ipaddress.ip_address(address).is_link_local
    return not name.startswith(_NOT_FOR_PHONES) and not is_self_assigned


def _with_names() -> list[tuple[str, str]]:
    """(interface, address) of every address of this machine."""
    import psutil  # takes a while to import, and starting up does not need it

    return [
        (name, each.address)
        for name, found in psutil.net_if_addrs().items()
        for each in found
        if each.family in (socket.AF_INET, socket.AF_INET6)
    ]


def _way_out() -> str | None:
    """This machine's address on the way to other networks; None without a network."""
    for family, nowhere in _NOWHERE:
        with (
            contextlib.suppress(OSError),  # no network of this kind
            socket.socket(family, socket.SOCK_DGRAM) as probe,
        ):
            probe.connect((nowhere, 9))  # sends nothing
            return str(probe.getsockname()[0])
    return None


def _parsed(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """The address, an IPv4 address written as IPv6 as IPv4; None for a name."""
    try:
        address = ipaddress.ip_address(text.strip("[]"))
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address


def qr_svg(address: str) -> str:
    """The QR code as an SVG element without styles: dark on white, with its quiet zone."""
    return segno.make(address, micro=False, error="m").svg_inline(
        border=4, dark="#000", light="#fff", svgclass=None, lineclass=None, omitsize=True
    )


def qr_text(address: str, encoding: str | None) -> str:
    """The QR code as lines of text; "" if the encoding lacks the characters.

    The light modules are printed, for a dark terminal. On a light one the code is inverted,
    which phones read as well.
    """
    lines = io.StringIO()
    segno.make(address, micro=False, error="m").terminal(lines, compact=True)
    try:
        lines.getvalue().encode(encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        return ""
    return lines.getvalue()
