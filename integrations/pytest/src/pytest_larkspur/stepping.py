"""How tasks advance: at once, after some polls, after a time, by hand."""

from __future__ import annotations

from typing import Any

from .operator import Operator


class Stepping:
    """Holds for tasks submitted from then on, of one family (`drive.import`) or of all that have no way of
    their own."""

    def __init__(self, operator: Operator):
        self._operator = operator

    def at_once(self, family: str | None = None) -> None:
        """As work gets done: the way every test begins with."""
        self._set("at_once", family)

    def after_polls(self, count: int, family: str | None = None) -> None:
        """Polls see a task wait and run, and with this one its end."""
        self._set({"after_polls": count}, family)

    def after_seconds(self, seconds: float, family: str | None = None) -> None:
        """The end is there when the server's clock has moved so far."""
        self._set({"after_seconds": seconds}, family)

    def by_hand(self, family: str | None = None) -> None:
        """Nothing happens before `larkspur.step(task)`."""
        self._set("by_hand", family)

    def _set(self, way: Any, family: str | None) -> None:
        stepping = self._operator.call("GET", "/stepping")
        if family is None:
            stepping["default"] = way
        else:
            stepping.setdefault("families", {})[family] = way
        self._operator.call("PUT", "/stepping", stepping)
