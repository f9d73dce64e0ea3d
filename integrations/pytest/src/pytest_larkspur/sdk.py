"""The official SDK (`lark-oapi`), pointed at the server."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import lark_oapi as lark
from lark_oapi.core.cache import ICache
from lark_oapi.core.token import TokenManager

from .clock import Clock


class TokenCache(ICache):  # type: ignore[misc]
    """Tokens of one test. They age with the server's clock, so that whoever moves it a day ahead does not
    call with a token of yesterday that the SDK still thinks is good."""

    def __init__(self, clock: Clock):
        self._clock = clock
        self._tokens: dict[str, tuple[str, int]] = {}

    def get(self, key: str) -> str:
        value, expires_s = self._tokens.get(key, ("", 0))
        if not value:
            return ""
        # Where the clock stands still or was set back, it says nothing of how old a token is.
        return value if time.time() + max(self._clock.ahead_s(), 0) < expires_s else ""

    def set(self, key: str, value: str, expire: int) -> None:
        self._tokens[key] = (value, expire + round(max(self._clock.ahead_s(), 0)))


@contextmanager
def client(url: str, app_id: str, app_secret: str, clock: Clock) -> Iterator[Any]:
    """A client that speaks as the app. The SDK keeps tokens in one place for all clients of a process: it is
    the test's while this lasts."""
    kept = TokenManager.cache
    try:
        yield (
            lark.Client.builder()
            .domain(url)
            .app_id(app_id)
            .app_secret(app_secret)
            .cache(TokenCache(clock))
            .log_level(lark.LogLevel.WARNING)
            .build()
        )
    finally:
        TokenManager.cache = kept
