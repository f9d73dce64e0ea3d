"""Rules on what goes wrong."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from types import TracebackType
from typing import Any

from .clock import from_ms
from .operator import Operator, Refused


@dataclass(frozen=True)
class Hit:
    """One time that a rule struck: at an operation or, with `task_id`, at a task of a family."""

    at: datetime
    what: str
    task_id: str | None
    app_id: str | None
    log_id: str | None


class Fault:
    """A rule in force. As a context manager it ends with its block."""

    def __init__(self, operator: Operator, name: str):
        self._operator = operator
        self.name = name

    def __enter__(self) -> Fault:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, raised: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self.remove()
        except Refused as refused:
            # The block removed it by itself.
            if refused.status != 404:
                raise

    def __repr__(self) -> str:
        return f"Fault({self.name!r})"

    @property
    def seen(self) -> int:
        """How many requests or tasks it meant."""
        return int(self._show()["seen"])

    @property
    def hit_count(self) -> int:
        """How often it struck."""
        return int(self._show()["hit_count"])

    @property
    def spent(self) -> bool:
        """Whether it will never strike again."""
        return bool(self._show()["spent"])

    @property
    def hits(self) -> list[Hit]:
        """The last hundred times it struck, oldest first."""
        hits = [
            Hit(from_ms(hit["time_ms"]), hit["what"], hit.get("task_id"), hit.get("app_id"), hit.get("log_id"))
            for hit in self._show().get("hits", [])
        ]
        return sorted(hits, key=lambda hit: hit.at)

    def release(self) -> None:
        """Lets the tasks go on that it holds, and waits for their end."""
        self._operator.call("POST", f"{self._path}/release")

    def remove(self) -> None:
        """Ends the rule; tasks that it holds stay held."""
        self._operator.call("DELETE", self._path)

    @property
    def _path(self) -> str:
        return f"/faults/{self.name}"

    def _show(self) -> dict[str, Any]:
        shown: dict[str, Any] = self._operator.call("GET", self._path)["fault"]
        return shown
