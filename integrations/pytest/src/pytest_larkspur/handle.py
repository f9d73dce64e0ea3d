"""What a test holds in its hand: the server as it is for this one test."""

from __future__ import annotations

import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .clock import Clock
from .faults import Fault
from .operator import Operator, Refused
from .record import Finding, Request
from .server import Server
from .stepping import Stepping

# How much of what happened is told beside a failure.
_TOLD_REQUESTS = 30
_TOLD_LOG_LINES = 60


@dataclass(frozen=True)
class Tenant:
    """A tenant of its own, with an app that may do everything unless it was told otherwise."""

    tenant_id: str
    app_id: str
    app_secret: str
    admin_user_id: str
    root_folder_token: str


class Larkspur:
    """The server, as it was born or as it was kept, for one test."""

    def __init__(self, server: Server):
        self.server = server
        self.operator: Operator = server.operator
        self.clock = Clock(self.operator)
        self.stepping = Stepping(self.operator)
        self._log_from = server.log_file.stat().st_size

    def __repr__(self) -> str:
        return f"<larkspur at {self.url}, process {self.server.pid}>"

    @property
    def url(self) -> str:
        return self.server.url

    @property
    def app_id(self) -> str:
        return self.server.app_id

    @property
    def app_secret(self) -> str:
        return self.server.app_secret

    @property
    def admin_token(self) -> str:
        return self.server.admin_token

    @property
    def environ(self) -> dict[str, str]:
        """`LARKSPUR_URL`, `LARKSPUR_APP_ID` and so on, for programs that read them."""
        return dict(self.server.environ)

    def fault(self, **rule: Any) -> Fault:
        """A rule on what goes wrong, in the words of docs/rehearsal.md: `operation`, `family`, `file`, `nth`,
        `first`, `every`, `times`; `error`, `http`, `throttle`, `latency_ms`, `drop`, `truncate`, `status`,
        `hold`, `die`, `extra`, `items`, `advance`. It lasts for the test, or for a `with`.
        """
        made = self.operator.call("POST", "/faults", rule)
        return Fault(self.operator, made["fault"]["name"])

    def tasks(self, **narrowed: Any) -> list[dict[str, Any]]:
        """Tasks of all families, the latest first; narrowed by `family`, `state`, `name`, `app_id`, ..."""
        tasks: list[dict[str, Any]] = []
        page_token = None
        while True:
            page = self.operator.call("GET", "/tasks", query={**narrowed, "page_size": 500, "page_token": page_token})
            tasks += page["items"]
            page_token = page.get("page_token")
            if not page["has_more"]:
                return tasks

    def task(self, task_id: str, wait: str | None = None) -> dict[str, Any]:
        """Everything the server knows of a task; with `wait` (`10s`) when it has ended or the time is over."""
        shown: dict[str, Any] = self.operator.call("GET", f"/tasks/{task_id}", query={"wait": wait})["task"]
        return shown

    def step(self, task_id: str) -> dict[str, Any]:
        """A step further, where tasks advance by hand: from waiting to running, from running to the end."""
        stepped: dict[str, Any] = self.operator.call("POST", f"/tasks/{task_id}/step")["task"]
        return stepped

    def requests(self, operation: str | None = None, app_id: str | None = None) -> list[Request]:
        """What this test's app asked (or another one, or `-` for those that named none), oldest first; the
        last 200 unless the setting `record` says otherwise."""
        path = f"/apps/{app_id or self.app_id}/requests"
        items = self.operator.call("GET", path, query={"limit": 1000})["items"]
        requests = [Request.of(item) for item in reversed(items)]
        return [request for request in requests if operation in (None, request.operation)]

    def lint(self, app_id: str | None = None) -> list[Finding]:
        """What a reviewer would tell the author of the app."""
        findings = self.operator.call("GET", f"/apps/{app_id or self.app_id}/findings")["findings"]
        return [Finding.of(finding) for finding in findings]

    def assert_clean(self, at_least: str = "warning", allow: Iterable[str] = (), app_id: str | None = None) -> None:
        """Fails where a reviewer would say something that bad, but for the rules in `allow`."""
        allowed = set(allow)
        findings = [one for one in self.lint(app_id) if one.is_at_least(at_least) and one.rule not in allowed]
        if findings:
            raise AssertionError("a reviewer would say:\n" + "\n".join(f"  {finding}" for finding in findings))

    def tenant(self, name: str = "test", **more: Any) -> Tenant:
        """A further tenant, which sees nothing of the others; `app={"scopes": [...]}` and so on as in
        docs/identity.md."""
        made = self.operator.call("POST", "/tenants", {"name": name, **more})["tenant"]
        return Tenant(**{field: made[field] for field in Tenant.__dataclass_fields__})

    def take_snapshot(self, name: str) -> None:
        """Keeps everything the server holds, by name; the next test begins without it."""
        self.operator.call("POST", "/snapshots", {"name": name, "replace": True})

    def restore(self, name: str) -> None:
        """Puts back what was kept by name."""
        self.operator.call("POST", f"/snapshots/{name}/restore")

    def command(self, *arguments: str | Path, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Runs a command of the command line against the server, such as `command("import", path)`."""
        return self.server.command(*arguments, check=check)

    def account(self) -> list[tuple[str, str]]:
        """What happened since the test began, for people: titles and texts."""
        told = []
        try:
            requests = self.requests()[-_TOLD_REQUESTS:]
            findings = self.lint()
        except (OSError, Refused) as error:
            status = self.server.exit_status
            ended = "" if status is None else f"; it ended with {status}"
            told.append(("larkspur", f"the server does not tell: {error}{ended}"))
        else:
            told.append(("larkspur requests", "\n".join(map(str, requests))))
            told.append(("larkspur lint", "\n".join(map(str, findings))))
        lines = self.server.log(self._log_from).splitlines()[-_TOLD_LOG_LINES:]
        told.append((f"larkspur log (all of it in {self.server.log_file})", "\n".join(lines)))
        return [(title, text) for title, text in told if text]
