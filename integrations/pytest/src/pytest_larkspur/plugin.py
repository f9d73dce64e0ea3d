"""What pytest is told: options, fixtures, and what is shown beside a failure."""

from __future__ import annotations

import importlib.util
import os
import shutil
from collections.abc import Generator, Iterator
from typing import Any

import pytest

from .handle import Larkspur
from .record import SEVERITIES
from .server import Server, find_binary


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("larkspur")
    group.addoption(
        "--larkspur-bin",
        metavar="PATH",
        help="the larkspur binary [default: what LARKSPUR_BIN names, or larkspur on the PATH]",
    )
    parser.addini(
        "larkspur_lint",
        "fail tests of whose app a reviewer would say something at least this bad: notice, warning or error",
        default="",
    )


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "larkspur_allow(rule, ...): findings that larkspur_lint lets pass in a test")
    severity = config.getini("larkspur_lint")
    if severity and severity not in SEVERITIES:
        raise pytest.UsageError(f"larkspur_lint: {severity} is none of {', '.join(SEVERITIES)}")


@pytest.fixture(scope="session")
def larkspur_settings() -> dict[str, Any]:
    """Settings of the server, by their names in docs/configuration.md. Override it to choose some."""
    return {}


@pytest.fixture(scope="session")
def larkspur_server(
    pytestconfig: pytest.Config, tmp_path_factory: pytest.TempPathFactory, larkspur_settings: dict[str, Any]
) -> Iterator[Server]:
    """A server for the whole session (with pytest-xdist: for each worker), on a free port, with a data folder
    that goes with it. Tests that change anything take `larkspur`."""
    folder = tmp_path_factory.mktemp("larkspur")
    server = Server(find_binary(pytestconfig.getoption("larkspur_bin")), folder, larkspur_settings)
    try:
        yield server
    finally:
        server.stop()
        # The log stays, as long as pytest keeps temporary folders.
        shutil.rmtree(folder / "data", ignore_errors=True)


@pytest.fixture
def larkspur(request: pytest.FixtureRequest, larkspur_server: Server) -> Iterator[Larkspur]:
    """The server, put back to what every test begins with: documents, tasks, faults, stepping, clock, record."""
    if larkspur_server.pid is None or larkspur_server.exit_status is not None:
        # The test before ended it.
        larkspur_server.restart()
    larkspur_server.reset()
    handle = Larkspur(larkspur_server)
    yield handle
    severity = request.config.getini("larkspur_lint")
    if severity:
        allowed = {rule for mark in request.node.iter_markers("larkspur_allow") for rule in mark.args}
        handle.assert_clean(severity, allowed)


@pytest.fixture
def lark_client(larkspur: Larkspur, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A client of the official SDK that speaks as the server's app. Skips where `lark-oapi` is not installed."""
    if importlib.util.find_spec("lark_oapi") is None:
        pytest.skip("lark-oapi is not installed: pip install 'pytest-larkspur[sdk]'")
    from .sdk import client

    # A proxy leads away from this machine.
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.setenv(name, ",".join(filter(None, [os.environ.get(name), "127.0.0.1"])))
    with client(larkspur.url, larkspur.app_id, larkspur.app_secret, larkspur.clock) as made:
        yield made


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Generator[None, Any, None]:
    outcome = yield
    report = outcome.get_result()
    handle = getattr(item, "funcargs", {}).get("larkspur")
    if report.failed and isinstance(handle, Larkspur):
        report.sections.extend(handle.account())
