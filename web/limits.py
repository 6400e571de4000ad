"""How often somebody may ask: a bucket of tokens for each account, or for each address without one.

Buckets live in the memory of one process: several processes allow as many times more. Must not know routes.
"""

from __future__ import annotations

import math
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address
from threading import Lock
from typing import TYPE_CHECKING

import structlog
from flask import Flask, Request, current_app, g, request

from web.errors import RequestProblem

if TYPE_CHECKING:
    from projections.composition import Runtime

BUCKETS_MAX = 20_000
GUESSES = "guesses"
PROXIES_WARNED_MAX = 64
UNCOUNTED = ("healthz", "readyz", "metrics", "static")

log = structlog.get_logger("pledges.web")


@dataclass(frozen=True)
class Rate:
    """Tokens that come back each second, and how many a bucket holds."""

    per_second: float
    burst: float


@dataclass(frozen=True)
class Limits:
    """Contract: never below 100 authenticated requests a second."""

    account: Rate = Rate(per_second=500, burst=1_000)
    address: Rate = Rate(per_second=300, burst=1_000)
    # A guess at a password takes the server tens of milliseconds and 64 MB, whatever address it comes from.
    guesses: Rate = Rate(per_second=0.5, burst=30)


class Buckets:
    """The buckets of those who asked lately; the longest unused one makes room."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = Lock()
        self._levels: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def seconds_to_wait(self, who: str, rate: Rate) -> float:
        """Take a token: 0 if there was one, else how long until there is."""
        now = self._clock()
        with self._lock:
            level, since = self._levels.pop(who, (rate.burst, now))
            level = min(rate.burst, level + (now - since) * rate.per_second)
            taken = level >= 1
            self._levels[who] = (level - 1 if taken else level, now)
            if len(self._levels) > BUCKETS_MAX:
                self._levels.popitem(last=False)
        return 0.0 if taken else (1 - level) / rate.per_second


def init_app(app: Flask, limits: Limits) -> None:
    """Count each request once it is known who asks."""
    buckets = Buckets()
    app.extensions[GUESSES] = lambda who: buckets.seconds_to_wait(f"{GUESSES} {who}", limits.guesses)

    def count() -> None:
        if request.endpoint in UNCOUNTED:
            return
        actor = g.get("actor")
        who, rate = (
            (f"account {actor.account}", limits.account) if actor else (address_of(request), limits.address)
        )
        refuse(buckets.seconds_to_wait(who, rate))

    app.before_request(count)


def count_guess() -> None:
    """Count a guess at something secret beside the request that it is."""
    refuse(current_app.extensions[GUESSES](address_of(request)))


def refuse(seconds: float) -> None:
    """Answer 429 if there is something to wait for."""
    if seconds > 0:
        raise RequestProblem(
            429, "Too many requests at once; wait a little.", headers={"Retry-After": str(math.ceil(seconds))}
        )


def address_of(asked: Request) -> str:
    """The address that asks. Behind a proxy that the settings name, it is the one that this proxy saw."""
    nearest = asked.remote_addr or ""
    forwarded = asked.headers.get("X-Forwarded-For", "").rsplit(",", 1)[-1].strip()
    if not forwarded:
        return nearest
    if not _is_proxy(nearest):
        _warn_once(nearest)
        return nearest
    return str(_parsed(forwarded) or nearest)


def _is_proxy(nearest: str) -> bool:
    runtime: Runtime = current_app.extensions["pledges"]
    address = _parsed(nearest)
    return address is not None and any(address in network for network in runtime.settings.proxies)


@lru_cache(maxsize=PROXIES_WARNED_MAX)
def _warn_once(nearest: str) -> None:
    """Without its proxy named, all who come through it are counted as one."""
    if _is_private(nearest):
        log.warning("limits.proxy-not-named", address=nearest, setting="PLEDGES_PROXIES")


def _parsed(text: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(text)
    except ValueError:
        return None


def _is_private(text: str) -> bool:
    address = _parsed(text)
    return address is not None and address.is_private
