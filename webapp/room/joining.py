"""How phones get in: the addresses of this machine that they can use, and QR codes of them."""

import contextlib
import io
import ipaddress
import socket
import struct
import sys

import segno

WILDCARDS = ("0.0.0.0", "::", "")
_NOWHERE = ("192.0.2.1", 9)  # an address that belongs to nobody, RFC 5737
_ASK_ADDRESS = {"linux": 0x8915, "darwin": 0xC0206921}  # SIOCGIFADDR
# Interfaces that lead to other programs of this machine, or through a tunnel to elsewhere.
_NOT_FOR_PHONES = (
    *("docker", "br-", "veth", "virbr", "vmnet", "vboxnet", "podman", "cni", "flannel"),
    *("lxc", "lxd", "tun", "tap", "utun", "wg", "tailscale", "zt"),
)


def lets_others_in(host):
    """Whether a server that listens on `host` can be reached from another machine at all."""
    return host in WILDCARDS or not is_loopback(host)


def is_loopback(host):
    """Whether a name or address means the machine that uses it."""
    address = _parsed(host)
    return address.is_loopback if address else host.lower() == "localhost"


def names(host):
    """This machine's addresses that phones may use, the most likely first: [] for none.

    host : what the server listens on
    """
    if not lets_others_in(host):
        return []
    return of_this_machine() if host in WILDCARDS else [host]


def addresses(host, port):
    """What phones type, in the same order."""
    return [address_of(name, port) for name in names(host)]


def address_of(host, port):
    """The address of the draw page."""
    host = f"[{host}]" if ":" in host else host
    return f"http://{host}" if port == 80 else f"http://{host}:{port}"


def short(address):
    """An address as people type it."""
    return address.removeprefix("http://").rstrip("/")


def of_this_machine():
    """The IPv4 addresses of this machine that other devices may reach, as texts.

    First the one that leads further, to the internet if there is any. Those of tunnels and of
    virtual networks, and those that a machine gives itself when nobody gives it one, count
    only if there are no others.
    """
    found = dict.fromkeys(_with_names())
    first = _way_out()
    if first and first not in [address for _, address in found]:
        found[("", first)] = None
    others = [(n, a) for n, a in found if not _parsed(a).is_loopback]
    likely = [(n, a) for n, a in others if _is_likely(n, a)]
    chosen = dict.fromkeys(address for _, address in likely or others)
    return sorted(chosen, key=lambda address: address != first)


def _is_likely(name, address):
    return not name.startswith(_NOT_FOR_PHONES) and not _parsed(address).is_link_local


def _with_names():
    """(interface, address), or ("", address) where the system does not tell the interfaces."""
    request = _ASK_ADDRESS.get(sys.platform)
    if request is None:
        with contextlib.suppress(OSError):
            return [("", a) for a in socket.gethostbyname_ex(socket.gethostname())[2]]
        return []
    import fcntl  # there is none on Windows

    found = []
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        for _, name in socket.if_nameindex():
            with contextlib.suppress(OSError):  # one without an address
                answer = fcntl.ioctl(probe, request, struct.pack("256s", name.encode()))
                found.append((name, socket.inet_ntoa(answer[20:24])))
    return found


def _way_out():
    """This machine's address on the way to other networks; None if there is no way."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(_NOWHERE)  # sends nothing
            return probe.getsockname()[0]
        except OSError:  # no network at all
            return None


def _parsed(text):
    """The address, an IPv4 one in IPv6's clothes as what it is; None for a name."""
    try:
        address = ipaddress.ip_address(text.strip("[]"))
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address


def qr_svg(address):
    """The QR code as an SVG element without styles: dark on white, with its quiet zone."""
    return _code(address).svg_inline(
        border=4, dark="#000", light="#fff", svgclass=None, lineclass=None, omitsize=True
    )


def qr_text(address, encoding):
    """The QR code as lines of text; "" where the encoding has no characters for it.

    Light modules are what is printed: a terminal's ground is dark. On a light one the code is
    inverted, which phones read as well.
    """
    lines = io.StringIO()
    _code(address).terminal(lines, compact=True)
    try:
        lines.getvalue().encode(encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        return ""
    return lines.getvalue()


def _code(address):
    return segno.make(address, micro=False, error="m")
