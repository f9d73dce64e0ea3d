"""Larkspur's own API, below `/larkspur/v1`, with the operator's token."""

from __future__ import annotations

import json
import urllib.error
import urllib.parse
import urllib.request
from typing import Any

# A proxy leads away from this machine, where the server is.
_OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class Refused(Exception):
    """The server said no. `code` is its number, `message` what would help."""

    def __init__(self, status: int, answer: dict[str, Any]):
        self.status = status
        self.code: int = answer.get("code", 0)
        self.message: str = answer.get("error", {}).get("message", "")
        said = f"{self.code} {answer.get('msg', '')}"
        super().__init__(f"{said}: {self.message}" if self.message else said)


class Operator:
    """Calls as the operator, who may do everything."""

    def __init__(self, url: str, token: str):
        self.url = url
        self.token = token

    def call(
        self, method: str, path: str, body: Any = None, *, query: dict[str, Any] | None = None, timeout_s: float = 70
    ) -> Any:
        """The `data` of the answer. `path` is below `/larkspur/v1`; what is None in `query` is left out."""
        address = f"{self.url}/larkspur/v1{path}"
        asked = {name: value for name, value in (query or {}).items() if value is not None}
        if asked:
            address += "?" + urllib.parse.urlencode(asked)
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        content = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(address, content, headers, method=method)
        try:
            with _OPENER.open(request, timeout=timeout_s) as answer:
                return json.load(answer).get("data")
        except urllib.error.HTTPError as refusal:
            with refusal:
                raise Refused(refusal.code, _envelope(refusal.read())) from None


def answers(url: str, timeout_s: float = 1) -> bool:
    """Whether a server is well at `url`."""
    try:
        with _OPENER.open(f"{url}/healthz", timeout=timeout_s) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def _envelope(content: bytes) -> dict[str, Any]:
    try:
        read = json.loads(content)
    except ValueError:
        read = None
    return read if isinstance(read, dict) else {"msg": content.decode(errors="replace")}
