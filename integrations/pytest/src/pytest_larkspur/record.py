"""What an app asked, and what a reviewer would say about it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from .clock import from_ms

SEVERITIES = ("notice", "warning", "error")


@dataclass(frozen=True)
class Request:
    """A request that reached the server, and its answer. Secrets are masked."""

    at: datetime
    operation: str
    """Its id in the platform's contract, such as `driveImportTaskGet`; empty where there is none."""
    method: str
    path: str
    status: int
    code: int
    why: str | None
    """Why it was refused, if it was."""
    micros: int
    request: Any
    """The JSON body, or the names and sizes of a form's parts."""
    answer: Any
    log_id: str

    @classmethod
    def of(cls, entry: dict[str, Any]) -> Request:
        return cls(
            at=from_ms(entry["at_ms"]),
            operation=entry["operation"],
            method=entry["method"],
            path=entry["path"],
            status=entry["status"],
            code=entry["code"],
            why=entry.get("why"),
            micros=entry["micros"],
            request=entry.get("request"),
            answer=entry.get("answer"),
            log_id=entry["log_id"],
        )

    def __str__(self) -> str:
        line = f"{self.at:%H:%M:%S.%f} {self.method} {self.path} {self.status}/{self.code}"
        return f"{line} ({self.why})" if self.why else line


@dataclass(frozen=True)
class Finding:
    """One thing a reviewer would tell the author of an app; docs/rehearsal.md lists the rules."""

    rule: str
    severity: str
    message: str
    message_zh: str
    advice: str
    advice_zh: str
    count: int
    operations: tuple[str, ...]
    log_ids: tuple[str, ...]

    @classmethod
    def of(cls, finding: dict[str, Any]) -> Finding:
        return cls(
            rule=finding["rule"],
            severity=finding["severity"],
            message=finding["message"],
            message_zh=finding["message_zh"],
            advice=finding["advice"],
            advice_zh=finding["advice_zh"],
            count=finding["count"],
            operations=tuple(finding["operations"]),
            log_ids=tuple(finding["log_ids"]),
        )

    def __str__(self) -> str:
        where = ", ".join(self.operations)
        return f"{self.severity} {self.rule}, {self.count} times, at {where}: {self.message} ({self.advice})"

    def is_at_least(self, severity: str) -> bool:
        return SEVERITIES.index(self.severity) >= SEVERITIES.index(severity)
