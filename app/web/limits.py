"""How much one caller may ask, and whose address a request really comes from."""

import ipaddress
import time
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from typing import Any, TypeAlias

from app.web.problems import Unavailable

_Network: TypeAlias = ipaddress.IPv4Network | ipaddress.IPv6Network
_Address: TypeAlias = ipaddress.IPv4Address | ipaddress.IPv6Address


class Buckets:
    """Token buckets by key, in this process: `burst` at once, then `rate` a second.

    At most `keys` are kept, the least recently used goes first: a flood of keys costs no memory, and a key that comes
    back after that begins with a full bucket.
    """

    def __init__(self, rate: float, burst: float, keys: int = 10_000) -> None:  # not money: requests a second
        self._rate = rate
        self._burst = burst
        self._keys = keys
        self._found: OrderedDict[object, tuple[float, float]] = OrderedDict()  # not money: what is left, and when

    def _left(self, key: object, moment: float) -> float:  # not money: requests, seconds
        left, at = self._found.get(key, (self._burst, moment))
        return min(self._burst, left + (moment - at) * self._rate)

    def empty(self, key: object) -> bool:
        """Whether `take` would refuse; takes nothing."""
        return self._left(key, time.monotonic()) < 1

    def take(self, key: object) -> None:
        """Take one; Refusal 429 with the seconds to wait when there is none."""
        moment = time.monotonic()
        left = self._left(key, moment)
        if left < 1:
            seconds = int((1 - left) / self._rate) + 1
            raise Unavailable("too_many_requests", f"Too many requests; wait {seconds} s.", seconds=seconds, status=429)
        self._found[key] = (left - 1, moment)
        self._found.move_to_end(key)
        if len(self._found) > self._keys:
            self._found.popitem(last=False)


class Clients:
    """Tells the address that a request comes from; a forwarded one counts only when a trusted proxy says it."""

    def __init__(self, trusted: Iterable[str]) -> None:
        self._trusted: list[_Network] = [ipaddress.ip_network(each, strict=False) for each in trusted]

    def is_trusted(self, scope: Mapping[str, Any]) -> bool:
        """Whether the other end of this connection is one of the configured proxies."""
        return bool(self._trusted) and self._covers(_parsed(_peer(scope)))

    def address(self, scope: Mapping[str, Any]) -> str:
        """The client: from the right the first address of X-Forwarded-For that is no proxy of ours, else the peer.

        An IPv6 address counts by its /64, which is what one subscriber has.
        """
        found = _parsed(_peer(scope))
        if not self.is_trusted(scope):
            return _key(found, _peer(scope))
        line = b",".join(value for name, value in scope["headers"] if name == b"x-forwarded-for")
        for text in reversed(line.decode("latin-1").split(",")):
            forwarded = _parsed(text.strip())
            if forwarded is None:  # what stands left of it was written by nobody we know
                break
            found = forwarded
            if not self._covers(forwarded):
                break
        return _key(found, _peer(scope))

    def _covers(self, address: _Address | None) -> bool:
        return address is not None and any(address in network for network in self._trusted)


def _peer(scope: Mapping[str, Any]) -> str:
    client = scope.get("client")
    return str(client[0]) if client else "local socket"


def _parsed(text: str) -> _Address | None:
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return mapped or address


def _key(address: _Address | None, otherwise: str) -> str:
    if address is None:
        return otherwise
    if isinstance(address, ipaddress.IPv6Address):
        return str(ipaddress.ip_network((address, 64), strict=False))
    return str(address)
