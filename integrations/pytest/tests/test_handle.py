"""What a test does with the server."""


def test_every_test_begins_anew(passes):
    passes(
        """
        import pytest

        @pytest.mark.parametrize("turn", [1, 2])
        def test(larkspur, tmp_path, turn):
            assert larkspur.tasks() == []
            assert larkspur.requests() == []
            assert larkspur.lint() == []
            assert larkspur.operator.call("GET", "/faults")["items"] == []
            assert larkspur.operator.call("GET", "/stepping") == {"default": "at_once"}
            assert larkspur.operator.call("GET", "/clock")["clock"]["mode"] == "real"
            assert len(larkspur.operator.call("GET", "/tenants")["items"]) == 1

            page = tmp_path / "page.md"
            page.write_text("# 你好")
            larkspur.fault(family="drive.import", nth=9, status=129)
            larkspur.stepping.after_polls(2)
            larkspur.clock.freeze("2026-12-01T09:00:00+08:00")
            larkspur.tenant()
            larkspur.command("import", page)
            assert [task["state"] for task in larkspur.tasks()] == ["succeeded"]
        """,
        count=2,
    )


def test_what_was_kept_is_what_tests_begin_with(passes, pytester):
    pytester.makeconftest(
        """
        import pytest

        @pytest.fixture(scope="session", autouse=True)
        def holdings(larkspur_server, tmp_path_factory):
            page = tmp_path_factory.mktemp("holdings") / "page.md"
            page.write_text("# kept")
            larkspur_server.command("import", page)
            larkspur_server.keep()
        """
    )
    passes(
        """
        import pytest

        @pytest.mark.parametrize("turn", [1, 2])
        def test(larkspur, turn):
            kept, = larkspur.tasks(state="succeeded")
            larkspur.operator.call("DELETE", f"/tasks/{kept['task_id']}")
        """,
        count=2,
    )


def test_faults_strike_and_end(passes):
    passes(
        """
        import pytest
        from pytest_larkspur import Refused

        @pytest.fixture
        def page(tmp_path):
            path = tmp_path / "page.md"
            path.write_text("# hello")
            return path

        def test_for_the_test(larkspur, page):
            fault = larkspur.fault(family="drive.import", file="PAGE*", nth=1, status=129)
            failed = larkspur.command("import", page, check=False)
            assert failed.returncode == 1 and "129" in failed.stderr
            assert (fault.seen, fault.hit_count, fault.spent) == (1, 1, True)
            hit, = fault.hits
            assert hit.what == "drive.import" and hit.app_id == larkspur.app_id
            task = larkspur.task(hit.task_id)
            assert task["state"] == "failed"
            larkspur.command("import", page)

        def test_for_a_block(larkspur, page):
            with larkspur.fault(operation="driveMediaUploadAll", error=1061002) as fault:
                assert larkspur.command("import", page, check=False).returncode == 1
                assert fault.hit_count >= 1
            larkspur.command("import", page)

        def test_removed_within_its_block(larkspur):
            with larkspur.fault(family="drive.import", status=129) as fault:
                fault.remove()

        def test_held_and_released(larkspur, page):
            fault = larkspur.fault(name="stuck", family="drive.import", hold={"stage": "reading", "done": 3})
            larkspur.command("import", page, "--wait", "0", check=False)
            task, = larkspur.tasks()
            assert task["state"] == "running"
            fault.release()
            assert larkspur.task(task["task_id"], wait="10s")["state"] == "succeeded"

        def test_what_the_platform_does_not_document_is_refused(larkspur):
            with pytest.raises(Refused, match="drive.import documents") as refused:
                larkspur.fault(family="drive.import", status=7777)
            assert refused.value.code == 88060400 and refused.value.status == 400
        """,
        count=5,
    )


def test_the_clock_moves(passes):
    passes(
        """
        from datetime import datetime, timedelta, timezone
        import pytest

        NINE = datetime(2026, 12, 1, 9, tzinfo=timezone(timedelta(hours=8)))

        def test_it_stands_still_and_moves(larkspur):
            clock = larkspur.clock
            assert clock.freeze(NINE) == NINE
            assert clock.advance("6m") == NINE + timedelta(minutes=6)
            assert clock.advance(timedelta(hours=1)) == NINE + timedelta(hours=1, minutes=6)
            assert clock.advance(0.5) == NINE + timedelta(hours=1, minutes=6, seconds=0.5)
            assert clock.now() == clock.freeze()
            clock.set("2026-12-01T09:00:00+08:00")
            clock.sleep(7)
            clock.sleep(1.5)
            assert clock.slept == [7, 1.5]
            assert clock.now() == NINE + timedelta(seconds=8.5)
            assert clock.run(60) >= NINE
            assert abs(clock.real() - datetime.now(timezone.utc)) < timedelta(seconds=5)

        def test_for_a_block(larkspur):
            with larkspur.clock.frozen(NINE) as clock:
                assert clock.now() == NINE
            assert larkspur.operator.call("GET", "/clock")["clock"]["mode"] == "real"

        def test_a_moment_needs_a_zone(larkspur):
            with pytest.raises(ValueError, match="zone"):
                larkspur.clock.freeze(datetime(2026, 12, 1))
        """,
        count=3,
    )


def test_tasks_advance_as_told(passes):
    passes(
        """
        import pytest

        @pytest.fixture
        def page(tmp_path):
            path = tmp_path / "page.md"
            path.write_text("# hello")
            return path

        def test_by_hand_for_one_family(larkspur, page):
            larkspur.stepping.after_polls(9)
            larkspur.stepping.by_hand("drive.import")
            larkspur.command("import", page, "--wait", "0", check=False)
            task, = larkspur.tasks()
            assert larkspur.step(task["task_id"])["state"] == "running"
            assert larkspur.step(task["task_id"])["state"] == "succeeded"
            assert larkspur.operator.call("GET", "/stepping") == {
                "default": {"after_polls": 9}, "families": {"drive.import": "by_hand"},
            }
            larkspur.stepping.at_once()

        def test_after_a_time(larkspur, page):
            larkspur.clock.freeze()
            larkspur.stepping.after_seconds(60)
            larkspur.command("import", page, "--wait", "0", check=False)
            task, = larkspur.tasks()
            assert larkspur.task(task["task_id"])["state"] != "succeeded"
            larkspur.clock.advance(61)
            assert larkspur.task(task["task_id"], wait="10s")["state"] == "succeeded"
        """,
        count=2,
    )


def test_what_was_asked_is_recorded(passes):
    passes(
        """
        import urllib.error, urllib.request
        import pytest

        def test(larkspur, tmp_path):
            page = tmp_path / "page.md"
            page.write_text("# hello")
            larkspur.command("import", page)
            asked = [request.operation for request in larkspur.requests()]
            assert asked[:3] == ["authTenantAccessTokenInternal", "driveMediaUploadAll", "driveImportTaskCreate"]
            create, = larkspur.requests("driveImportTaskCreate")
            assert (create.method, create.status, create.code) == ("POST", 200, 0)
            assert create.request["file_extension"] == "md"
            assert larkspur.task(create.answer["data"]["ticket"])["title"] == "page"
            token, = larkspur.requests("authTenantAccessTokenInternal")
            assert token.request["app_secret"] == "***"

        def test_of_nobody(larkspur):
            with pytest.raises(urllib.error.HTTPError):
                urllib.request.urlopen(larkspur.url + "/open-apis/drive/v1/files")
            request, = larkspur.requests(app_id="-")
            assert request.code == 99991661 and request.why
            assert "(" + request.why + ")" in str(request)
        """,
        count=2,
    )


SPEAKS_BADLY = """
    import json, urllib.error, urllib.request
    import pytest

    def badly(larkspur):
        # The same refused request, again and again.
        for _ in range(3):
            with pytest.raises(urllib.error.HTTPError):
                urllib.request.urlopen(urllib.request.Request(
                    larkspur.url + "/open-apis/drive/v1/import_tasks", json.dumps({}).encode(),
                    {"Authorization": "Bearer " + token(larkspur)}))

    def token(larkspur):
        body = json.dumps({"app_id": larkspur.app_id, "app_secret": larkspur.app_secret}).encode()
        path = "/open-apis/auth/v3/tenant_access_token/internal"
        with urllib.request.urlopen(larkspur.url + path, body) as answer:
            return json.load(answer)["tenant_access_token"]
"""


def test_a_reviewer_has_a_say(passes):
    passes(
        SPEAKS_BADLY
        + """
    def test(larkspur):
        larkspur.assert_clean("notice")
        badly(larkspur)
        assert "refusal-repeated" in {finding.rule for finding in larkspur.lint()}
        with pytest.raises(AssertionError, match="error refusal-repeated"):
            larkspur.assert_clean("error")
        larkspur.assert_clean("error", allow=["refusal-repeated"])
    """,
        count=1,
    )


def test_a_reviewer_may_fail_tests(pytester):
    pytester.makeini("[pytest]\nlarkspur_lint = error")
    pytester.makepyfile(
        SPEAKS_BADLY
        + """
    def test_bad(larkspur):
        badly(larkspur)

    @pytest.mark.larkspur_allow("refusal-repeated")
    def test_let_pass(larkspur):
        badly(larkspur)
    """
    )
    result = pytester.runpytest_subprocess("--strict-markers")
    result.assert_outcomes(passed=2, errors=1)
    result.stdout.fnmatch_lines(["*a reviewer would say*", "*error refusal-repeated*"])


def test_a_severity_that_does_not_exist_is_refused(pytester):
    pytester.makeini("[pytest]\nlarkspur_lint = awful")
    pytester.makepyfile("def test(): pass")
    result = pytester.runpytest_subprocess()
    assert result.ret == 4
    result.stderr.fnmatch_lines(["*larkspur_lint: awful is none of notice, warning, error*"])


def test_tenants_see_nothing_of_each_other(passes):
    passes(
        """
        def test(larkspur, tmp_path):
            page = tmp_path / "page.md"
            page.write_text("# hello")
            other = larkspur.tenant("other", app={"scopes": ["drive:drive"]})
            larkspur.command("import", page)
            larkspur.command("import", page, "--app-id", other.app_id, "--app-secret", other.app_secret)
            assert len(larkspur.tasks()) == 2
            assert len(larkspur.tasks(tenant_id=other.tenant_id)) == 1
            assert len(larkspur.requests("driveImportTaskCreate", app_id=other.app_id)) == 1
            assert larkspur.operator.call("GET", f"/apps/{other.app_id}")["app"]["scopes"] == ["drive:drive"]
        """,
        count=1,
    )


def test_a_state_is_kept_and_put_back(passes):
    passes(
        """
        def test(larkspur, tmp_path):
            page = tmp_path / "page.md"
            page.write_text("# hello")
            larkspur.command("import", page)
            larkspur.take_snapshot("imported")
            larkspur.command("import", page)
            assert len(larkspur.tasks()) == 2
            larkspur.restore("imported")
            assert len(larkspur.tasks()) == 1
        """,
        count=1,
    )


def test_a_failure_shows_what_happened(pytester):
    pytester.makepyfile(
        """
        def test_before(larkspur, tmp_path):
            page = tmp_path / "before.md"
            page.write_text("# hello")
            larkspur.command("import", page)

        def test(larkspur, tmp_path):
            page = tmp_path / "page.md"
            page.write_text("# hello")
            larkspur.fault(family="drive.import", status=129)
            larkspur.command("import", page)

        def test_gone(larkspur, larkspur_server):
            larkspur_server.kill()
            assert larkspur.tasks()
        """
    )
    result = pytester.runpytest_subprocess()
    result.assert_outcomes(passed=1, failed=2)
    result.stdout.fnmatch_lines(
        [
            "*larkspur import *page.md ended with 1*",
            "*larkspur requests*",
            "*POST /open-apis/drive/v1/medias/upload_all 200/0*",
            "*larkspur log (all of it in *",
            '*operation="driveImportTaskCreate"*',
            "*the server does not tell*",
        ]
    )
    said = result.stdout.str()
    assert said.count("POST /open-apis/drive/v1/import_tasks 200/0") == 1
