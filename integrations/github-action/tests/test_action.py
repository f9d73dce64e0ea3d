"""What the steps of the action do, and what they leave to the steps that follow."""

import functools
import hashlib
import http.server
import json
import os
import signal
import tarfile
import threading
import urllib.request
from pathlib import Path

import pytest
from conftest import ACTION

STOP = ACTION / "stop"


@pytest.fixture
def downloads(tmp_path):
    """A folder, and the address it is served at."""
    folder = tmp_path / "downloads"
    folder.mkdir()
    handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory=folder)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield folder, f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def healthy(url):
    try:
        with urllib.request.urlopen(url + "/healthz") as answer:
            return json.load(answer)["data"]["status"] == "ok"
    # A server that ends while it is asked resets the connection, or is no longer there.
    except OSError:
        return False


def test_the_steps_that_follow_find_the_server(runner, binary):
    steps = runner.uses(ACTION, path=str(binary))
    assert list(steps) == ["find", "start"]
    env = runner.environment
    assert healthy(env["LARKSPUR_URL"])
    assert env["LARKSPUR_URL"] == runner.outputs["url"]
    assert env["LARKSPUR_APP_ID"] == runner.outputs["app-id"]
    assert Path(env["LARKSPUR_BIN"]) == Path(runner.outputs["binary"])
    # The commands are on the path and know the server.
    runner.run("echo '# hello' >page.md; larkspur import page.md; larkspur fault list; larkspur lint --fail-on error")
    assert env["LARKSPUR_ADMIN_TOKEN"] in Path(runner.outputs["env-file"]).read_text()
    assert "driveImportTaskCreate" in Path(runner.outputs["log-file"]).read_text()

    stopped = runner.uses(STOP, fail_on="error")
    assert not healthy(env["LARKSPUR_URL"])
    printed = stopped["Stop the server"].printed
    assert "driveImportTaskCreate" in printed and "had ended" not in printed


def test_secrets_are_masked_before_they_can_be_printed(runner, binary):
    steps = runner.uses(ACTION, path=str(binary))
    printed = "".join(step.printed for step in steps.values())
    for name in ("LARKSPUR_APP_SECRET", "LARKSPUR_ADMIN_TOKEN"):
        secret = runner.environment[name]
        assert printed.index(f"::add-mask::{secret}") == printed.index(secret) - len("::add-mask::")
        assert printed.count(secret) == 1
        assert secret not in runner.outputs.values()


def test_settings_come_from_config(runner, binary):
    runner.uses(ACTION, path=str(binary), config='clock = "2026-12-01T09:00:00+08:00"\nsample_workspace = true\n')
    assert json.loads(runner.environment["LARKSPUR_MEETING"])["meeting_no"]
    assert "2026-12-01" in runner.run("larkspur clock --json")


def test_a_configuration_that_cannot_be_says_why(runner, binary):
    steps = runner.uses(ACTION, path=str(binary), config="no_such_setting = 1")
    assert steps["start"].outcome == "failure"
    assert "no_such_setting" in steps["start"].printed
    assert "::error title=Larkspur::the server did not start" in steps["start"].printed
    assert "LARKSPUR_URL" not in runner.environment


def test_inputs_are_no_script(runner, binary, tmp_path):
    runner.uses(ACTION, path=str(binary), config="# $(touch broken) `touch broken` ; touch broken")
    runner.uses(STOP)
    steps = runner.uses(ACTION, path='"; touch broken; $(touch broken) #')
    assert "which is no program" in steps["find"].printed
    assert not (tmp_path / "broken").exists()


@pytest.mark.parametrize("packed", [False, True])
def test_a_binary_is_downloaded(runner, binary, downloads, packed):
    folder, address = downloads
    name = "larkspur.tar.gz" if packed else "larkspur"
    if packed:
        with tarfile.open(folder / name, "w:gz", compresslevel=1) as archive:
            archive.add(binary, "larkspur-0.1.0/larkspur")
    else:
        (folder / name).symlink_to(binary)
    with (folder / name).open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    steps = runner.uses(ACTION, url=f"{address}/{name}", sha256=digest.upper())
    assert list(steps) == ["find", "start"]
    assert healthy(runner.outputs["url"])


def test_a_download_that_is_not_what_was_chosen_does_not_run(runner, downloads):
    folder, address = downloads
    (folder / "larkspur").write_text("#!/bin/sh\ntouch broken")
    steps = runner.uses(ACTION, url=f"{address}/larkspur", sha256="0" * 64)
    assert list(steps) == ["find"] and steps["find"].outcome == "failure"
    assert f"not {'0' * 64}" in steps["find"].printed
    steps = runner.uses(ACTION, url=f"{address}/larkspur")
    assert "url needs sha256" in steps["find"].printed
    steps = runner.uses(ACTION, url=f"{address}/nothing", sha256="0" * 64)
    assert "could not be downloaded" in steps["find"].printed
    steps = runner.uses(ACTION, url=f"{address}/larkspur", path="larkspur")
    assert "exclude each other" in steps["find"].printed


def test_without_a_binary_it_is_built_once(runner, binary, tmp_path):
    # A cargo that says what it was asked, and has the binary ready.
    tools = tmp_path / "tools"
    tools.mkdir()
    cargo = tools / "cargo"
    cargo.write_text(
        '#!/bin/sh\necho "cargo $*"\nmkdir -p "$CARGO_TARGET_DIR/release"\n'
        f'cp "{binary}" "$CARGO_TARGET_DIR/release/larkspur"\n'
    )
    cargo.chmod(0o755)
    runner.environment["PATH"] = f"{tools}:{runner.environment['PATH']}"
    steps = runner.uses(ACTION)
    assert list(steps) == ["find", "cache", "Build the binary", "start"]
    asked = f"cargo build --release --locked --manifest-path {ACTION.parent.parent}/Cargo.toml --package larkspur"
    assert asked in steps["Build the binary"].printed
    assert healthy(runner.outputs["url"])
    assert Path(runner.cache["path"]) == Path(runner.outputs["binary"]).parent
    key = runner.cache["key"]
    assert key.startswith("larkspur-Linux-X64-") and len(key) == len("larkspur-Linux-X64-") + 16
    runner.uses(STOP)

    # Another job finds it in the cache.
    runner.cached = True
    assert list(runner.uses(ACTION)) == ["find", "cache", "start"]
    assert runner.cache["key"] == key
    assert healthy(runner.outputs["url"])


def test_a_job_has_one_server_at_a_time(runner, binary):
    runner.uses(ACTION, path=str(binary))
    again = runner.uses(ACTION, path=str(binary))["find"]
    assert again.outcome == "failure"
    assert "stop it before another one begins" in again.printed


def test_a_reviewer_may_fail_the_job(runner, binary):
    runner.uses(ACTION, path=str(binary))
    # The same refused request, again and again.
    runner.run(
        """
        token=$(curl -s $LARKSPUR_URL/open-apis/auth/v3/tenant_access_token/internal \
          -d "{\\"app_id\\":\\"$LARKSPUR_APP_ID\\",\\"app_secret\\":\\"$LARKSPUR_APP_SECRET\\"}" \
          | sed 's/.*"tenant_access_token":"\\([^"]*\\)".*/\\1/')
        for _ in 1 2 3; do
          curl -s -H "Authorization: Bearer $token" $LARKSPUR_URL/open-apis/drive/v1/import_tasks -d '{}'
        done
        """
    )
    url = runner.environment["LARKSPUR_URL"]
    stop = runner.uses(STOP, fail_on="error")["Stop the server"]
    assert stop.outcome == "failure"
    assert "refusal-repeated" in stop.printed
    assert not healthy(url)


def test_a_log_gives_the_runner_no_orders(runner, binary):
    runner.uses(ACTION, path=str(binary))
    log = Path(runner.outputs["log-file"])
    with log.open("a") as file:
        file.write("::error::not an order\n")
    printed = runner.uses(STOP)["Stop the server"].printed
    before, order, after = printed.partition("::error::not an order")
    assert order
    word = before.rpartition("::stop-commands::")[2].splitlines()[0]
    assert f"::{word}::" in after


def test_a_server_that_ended_is_told(runner, binary):
    runner.uses(ACTION, path=str(binary))
    pid = int((runner.temp / "larkspur" / "pid").read_text())
    os.kill(pid, signal.SIGKILL)
    # It is nobody's child here; what is left of it is a zombie, or nothing.
    while healthy(runner.environment["LARKSPUR_URL"]):
        pass
    stop = runner.uses(STOP)["Stop the server"]
    assert stop.outcome == "success"
    assert "had ended by itself" in stop.printed
    again = runner.uses(STOP)["Stop the server"]
    assert again.outcome == "failure"
    assert "no server was started" in again.printed
