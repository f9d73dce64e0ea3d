"""Each test runs tests of its own, in a pytest of their own, against a real server."""

import sys
from pathlib import Path

import pytest

from pytest_larkspur.server import find_binary


@pytest.fixture(autouse=True)
def binary(monkeypatch):
    """The binary under its variable alone."""
    path = find_binary(None)
    monkeypatch.setenv("LARKSPUR_BIN", str(path))
    return path


@pytest.fixture
def passes(pytester):
    """Runs a file of tests, all of which have to pass."""

    def run(source, *arguments, count):
        pytester.makepyfile(source)
        result = pytester.runpytest_subprocess("-p", "no:cacheprovider", *arguments)
        result.assert_outcomes(passed=count)
        return result

    return run


@pytest.fixture
def is_running():
    """Whether there is a process of this id, and it is no zombie."""

    def look(pid):
        if sys.platform != "linux":
            pytest.skip("looks at /proc")
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except FileNotFoundError:
            return False
        return state != "Z"

    return look
