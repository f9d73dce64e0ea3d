"""The clock that everything of the server expires by."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta, timezone
from typing import Any

from .operator import Operator

# `6m`, `24h`, `250ms`; seconds; a span of Python's own.
Span = str | float | timedelta
# `2026-12-01T09:00:00+08:00`; milliseconds since 1970; a moment that knows its zone.
Moment = str | int | datetime


class Clock:
    """The server's clock: read, stopped, moved."""

    def __init__(self, operator: Operator):
        self._operator = operator
        self.slept: list[float] = []
        """The seconds of each `sleep`."""

    def now(self) -> datetime:
        """What it shows, in UTC."""
        return _moment(self._operator.call("GET", "/clock"))

    def freeze(self, at: Moment | None = None) -> datetime:
        """Stops it, where it is or at a moment."""
        return self._set(mode="frozen", **_at(at))

    @contextmanager
    def frozen(self, at: Moment | None = None) -> Iterator[Clock]:
        """`with larkspur.clock.frozen():` stops it; afterwards it shows the machine's own time."""
        self.freeze(at)
        try:
            yield self
        finally:
            self.real()

    def advance(self, by: Span) -> datetime:
        """Moves it forward. What runs out by that is gone when this returns."""
        if isinstance(by, timedelta):
            by = by.total_seconds()
        body = by if isinstance(by, str) else round(by * 1000)
        return _moment(self._operator.call("POST", "/clock/advance", {"by": body}))

    def set(self, at: Moment) -> datetime:
        """Moves it, forward or back; it goes on running or standing still as before."""
        return self._set(**_at(at))

    def run(self, factor: float = 1) -> datetime:
        """Lets it run on from where it is, so many times as fast as real time."""
        return self._set(mode="running", factor=factor)

    def real(self) -> datetime:
        """Back to the machine's own time."""
        return self._set(mode="real")

    def sleep(self, seconds: float) -> None:
        """For a program that takes its `sleep` as an argument: time for the server, none for the test."""
        self.slept.append(seconds)
        self.advance(seconds)

    def ahead_s(self) -> float:
        """How far it is ahead of the machine's own time, seconds."""
        return float(self._operator.call("GET", "/clock")["clock"]["ahead_ms"]) / 1000

    def _set(self, **body: Any) -> datetime:
        return _moment(self._operator.call("PUT", "/clock", body))


def _at(at: Moment | None) -> dict[str, Any]:
    if at is None:
        return {}
    if isinstance(at, datetime):
        if at.tzinfo is None:
            raise ValueError("a moment needs a zone, such as datetime(..., tzinfo=timezone.utc)")
        at = round(at.timestamp() * 1000)
    return {"at": at}


def _moment(data: Any) -> datetime:
    return from_ms(data["clock"]["now_ms"])


def from_ms(milliseconds: int) -> datetime:
    """Milliseconds since 1970 as a moment in UTC."""
    return datetime.fromtimestamp(milliseconds / 1000, timezone.utc)
