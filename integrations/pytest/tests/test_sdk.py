"""The official SDK, pointed at the server."""

IMPORT = """
    import json
    from lark_oapi.api.drive.v1 import *

    def upload(client, path):
        with path.open("rb") as source:
            body = UploadAllMediaRequestBody.builder().file_name(path.name).parent_type("ccm_import_open") \\
                .size(path.stat().st_size).file(source) \\
                .extra(json.dumps({"obj_type": "docx", "file_extension": "md"})).build()
            return client.drive.v1.media.upload_all(UploadAllMediaRequest.builder().request_body(body).build())
"""


def test_the_client_speaks_as_the_app(passes):
    passes(
        IMPORT
        + """
    def test(larkspur, lark_client, tmp_path):
        page = tmp_path / "page.md"
        page.write_text("# hello")
        assert upload(lark_client, page).success()
        assert upload(lark_client, page).success()
        asked = [request.operation for request in larkspur.requests()]
        assert asked == ["authTenantAccessTokenInternal", "driveMediaUploadAll", "driveMediaUploadAll"]
    """,
        count=1,
    )


def test_tokens_age_with_the_clock(passes):
    passes(
        IMPORT
        + """
    def test(larkspur, lark_client, tmp_path):
        page = tmp_path / "page.md"
        page.write_text("# hello")
        assert upload(lark_client, page).success()
        larkspur.clock.advance("3h")
        assert upload(lark_client, page).success()
        assert upload(lark_client, page).success()
        assert len(larkspur.requests("authTenantAccessTokenInternal")) == 2

    def test_next(larkspur, lark_client, tmp_path):
        test(larkspur, lark_client, tmp_path)
    """,
        count=2,
    )


def test_a_proxy_is_passed_by(passes, monkeypatch):
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    monkeypatch.setenv("NO_PROXY", "")
    passes(
        IMPORT
        + """
    def test(lark_client, tmp_path):
        page = tmp_path / "page.md"
        page.write_text("# hello")
        assert upload(lark_client, page).success()
    """,
        count=1,
    )


def test_without_the_sdk_tests_are_skipped(pytester):
    pytester.makeconftest(
        """
        import importlib.util
        found = importlib.util.find_spec
        importlib.util.find_spec = lambda name, *rest: None if name == "lark_oapi" else found(name, *rest)
        """
    )
    pytester.makepyfile("def test(lark_client): pass")
    result = pytester.runpytest_subprocess("-rs")
    result.assert_outcomes(skipped=1)
    result.stdout.fnmatch_lines(["*lark-oapi is not installed*"])
