"""What an address tells without asking anybody."""

import ipaddress
from urllib.parse import urlsplit


def travels_open(address: str) -> bool:
    """Whether what is sent to an address can be read on the way: http, and not to this machine itself."""
    try:
        parts = urlsplit(address)
        host = parts.hostname or ""
    except ValueError:
        return False
    return parts.scheme == "http" and not _is_here(host)


def _is_here(host: str) -> bool:
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
