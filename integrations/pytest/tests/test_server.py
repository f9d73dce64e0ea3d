"""The server as a process: found, started, put back, ended."""

import json
from pathlib import Path


def test_one_server_a_session_which_ends_with_it(passes, tmp_path, is_running):
    seen = tmp_path / "seen"
    passes(
        f"""
        from pathlib import Path

        def test_first(larkspur_server):
            Path({str(seen)!r}).write_text(f"{{larkspur_server.pid}} {{larkspur_server.folder}}")
            assert larkspur_server.url.startswith("http://127.0.0.1:")
            assert larkspur_server.app_id.startswith("cli_")
            assert larkspur_server.app_secret and larkspur_server.admin_token
            assert (larkspur_server.folder / "data").is_dir()

        def test_second(larkspur_server):
            assert str(larkspur_server.pid) == Path({str(seen)!r}).read_text().split()[0]
        """,
        count=2,
    )
    pid, folder = seen.read_text().split()
    assert not is_running(pid)
    assert not (Path(folder) / "data").exists()
    assert (Path(folder) / "log").exists()


def test_the_option_names_the_binary(passes, binary, monkeypatch):
    monkeypatch.setenv("LARKSPUR_BIN", "/nowhere/larkspur")
    passes("def test(larkspur): pass", f"--larkspur-bin={binary}", count=1)


def test_the_path_has_the_binary(passes, binary, monkeypatch, tmp_path):
    monkeypatch.delenv("LARKSPUR_BIN")
    (tmp_path / "larkspur").symlink_to(binary)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    passes("def test(larkspur): pass", count=1)


def test_without_a_binary_tests_fail_and_say_what_to_do(pytester, monkeypatch, tmp_path):
    monkeypatch.delenv("LARKSPUR_BIN")
    monkeypatch.setenv("PATH", str(tmp_path))
    pytester.makepyfile("def test(larkspur): pass")
    result = pytester.runpytest_subprocess()
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*no larkspur: put it on the PATH*--larkspur-bin*LARKSPUR_BIN*"])


def test_a_server_that_does_not_start_says_why(pytester):
    pytester.makeconftest(
        """
        import pytest

        @pytest.fixture(scope="session")
        def larkspur_settings():
            return {"fixtures": "/nowhere/company.toml"}
        """
    )
    pytester.makepyfile("def test(larkspur): pass")
    result = pytester.runpytest_subprocess()
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*larkspur ended with * at its start*", "*company.toml*"])


def test_settings_of_others_are_not_taken(passes, pytester, monkeypatch):
    monkeypatch.setenv("LARKSPUR_LISTEN", "none")
    pytester.path.joinpath("larkspur.toml").write_text('data = "/nowhere"')
    passes("def test(larkspur): assert larkspur.clock.now()", count=1)


def test_settings_of_ones_own_are(passes, pytester):
    pytester.path.joinpath("company.json").write_text(
        json.dumps({"tenants": [{"id": "2ed263bf32cf1651", "name": "飞鸟"}]})
    )
    pytester.makeconftest(
        """
        from pathlib import Path
        import pytest

        @pytest.fixture(scope="session")
        def larkspur_settings():
            return {
                "fixtures": Path("company.json"), "explain": True, "sample_workspace": True,
                "clock": "2026-12-01T09:00:00+08:00",
            }
        """
    )
    passes(
        """
        import json, urllib.error, urllib.request
        import pytest

        @pytest.mark.parametrize("turn", [1, 2])
        def test(larkspur, turn):
            assert json.loads(larkspur.environ["LARKSPUR_MEETING"])["meeting_no"]
            names = [tenant["name"] for tenant in larkspur.operator.call("GET", "/tenants")["items"]]
            assert "飞鸟" in names
            assert larkspur.clock.now().isoformat() == "2026-12-01T01:00:00+00:00"
            larkspur.clock.advance("1h")
            with pytest.raises(urllib.error.HTTPError) as refused:
                urllib.request.urlopen(larkspur.url + "/open-apis/drive/v1/files")
            assert refused.value.headers["X-Larkspur-Why"].startswith("token")
        """,
        count=2,
    )


def test_a_settings_name_that_is_the_plugins_own_is_refused(pytester):
    pytester.makeconftest(
        """
        import pytest

        @pytest.fixture(scope="session")
        def larkspur_settings():
            return {"listen": "127.0.0.1:1"}
        """
    )
    pytester.makepyfile("def test(larkspur): pass")
    result = pytester.runpytest_subprocess()
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*larkspur_settings: listen is set by the plugin*"])


def test_what_it_holds_outlives_a_restart_and_a_crash(passes):
    passes(
        """
        def test(larkspur, larkspur_server, tmp_path):
            page = tmp_path / "page.md"
            page.write_text("# kept")
            url, pid = larkspur.url, larkspur_server.pid
            larkspur.stepping.by_hand()
            larkspur.command("import", page, "--wait", "0", check=False)
            larkspur_server.restart()
            larkspur_server.kill()
            larkspur_server.start()
            assert larkspur.url == url and larkspur_server.pid != pid
            task, = larkspur.tasks()
            assert task["state"] == "queued"
            larkspur.step(task["task_id"])
            assert larkspur.step(task["task_id"])["state"] == "succeeded"

        def test_a_server_that_is_gone_comes_back(larkspur_server, larkspur):
            larkspur_server.kill()

        def test_for_the_next(larkspur):
            assert larkspur.tasks() == []
        """,
        count=3,
    )


def test_each_worker_has_a_server(passes, tmp_path, is_running):
    passes(
        f"""
        import time
        from pathlib import Path
        import pytest

        @pytest.mark.parametrize("number", range(8))
        def test(larkspur, worker_id, number):
            larkspur.fault(name="one", family="drive.import", status=129)
            assert len(larkspur.operator.call("GET", "/faults")["items"]) == 1
            Path({str(tmp_path)!r}, worker_id).write_text(f"{{larkspur.server.pid}} {{larkspur.url}}")
        """,
        "-n2",
        "--dist=each",
        count=16,
    )
    servers = [path.read_text().split() for path in sorted(tmp_path.glob("gw*"))]
    assert len(servers) == 2
    assert servers[0][1] != servers[1][1]
    assert not any(is_running(pid) for pid, _ in servers)


def test_an_interrupted_session_ends_its_server(pytester, tmp_path, is_running):
    seen = tmp_path / "pid"
    pytester.makepyfile(
        f"""
        from pathlib import Path

        def test(larkspur_server):
            Path({str(seen)!r}).write_text(str(larkspur_server.pid))
            raise KeyboardInterrupt
        """
    )
    pytester.runpytest_subprocess()
    assert not is_running(seen.read_text())
