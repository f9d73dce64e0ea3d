"""What can go wrong with an import, made to happen. The fixtures `larkspur` and `lark_client` come with
pytest-larkspur."""

import pytest

from importer import SOURCE_EXPIRED, Importer, Refused


@pytest.fixture
def page(tmp_path):
    path = tmp_path / "page.md"
    path.write_text("# 你好\n\nhello\n")
    return path


def test_a_slow_import_is_waited_for(larkspur, lark_client, page):
    # Three polls find it pending; the fourth finds the document.
    larkspur.stepping.after_polls(4)
    url = Importer(lark_client, larkspur.clock.sleep).import_file(page)
    assert url.startswith(larkspur.url + "/docx/")
    assert larkspur.clock.slept == [1, 1, 1]


def test_a_source_that_has_expired_is_uploaded_again(larkspur, lark_client, page):
    larkspur.stepping.after_polls(1)
    importer = Importer(lark_client, larkspur.clock.sleep)
    source = importer.upload(page)
    larkspur.clock.advance("6m")
    with pytest.raises(Refused) as refused:
        importer.create(page, source)
    assert refused.value.code == SOURCE_EXPIRED
    assert "/docx/" in importer.import_file(page, source)


def test_a_throttled_poll_waits_as_long_as_the_header_says(larkspur, lark_client, page):
    larkspur.stepping.after_polls(1)
    larkspur.fault(operation="driveImportTaskGet", first=2, throttle=7)
    assert "/docx/" in Importer(lark_client, larkspur.clock.sleep).import_file(page)
    assert larkspur.clock.slept == [7, 7]
    larkspur.assert_clean()
