"""What can go wrong with an import, made to happen."""

import pytest

from importer import SOURCE_EXPIRED, Importer, Refused


@pytest.fixture
def page(tmp_path):
    path = tmp_path / "page.md"
    path.write_text("# 你好\n\nhello\n")
    return path


def test_a_slow_import_is_waited_for(tenant, page):
    # Three polls find it pending; the fourth finds the document.
    tenant.rehearse(family="drive.import", advance={"after_polls": 4})
    url = Importer(tenant.client, tenant.sleep).import_file(page)
    assert url.startswith(tenant.server.url + "/docx/")
    assert tenant.slept == [1, 1, 1]


def test_a_source_that_has_expired_is_uploaded_again(tenant, page):
    tenant.rehearse(family="drive.import", advance={"after_polls": 1})
    importer = Importer(tenant.client, tenant.sleep)
    source = importer.upload(page)
    tenant.sleep(6 * 60)
    with pytest.raises(Refused) as refused:
        importer.create(page, source)
    assert refused.value.code == SOURCE_EXPIRED
    assert "/docx/" in importer.import_file(page, source)


def test_a_throttled_poll_waits_as_long_as_the_header_says(tenant, page):
    tenant.rehearse(family="drive.import", advance={"after_polls": 1})
    tenant.rehearse(operation="driveImportTaskGet", first=2, throttle=7)
    assert "/docx/" in Importer(tenant.client, tenant.sleep).import_file(page)
    assert tenant.slept == [7, 7]
