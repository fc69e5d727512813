"""The versions page, in a real browser."""

import onnx

from tests.browser.looks import LAPTOP, check_admin_page, check_width_of_large_text


def test_model_is_downloaded_for_another_program(server, open_admin):
    page = open_admin(server, "/admin/versions", **LAPTOP)
    version = page.get_by_role("listitem", name="Version 1")
    version.get_by_text("Download", exact=True).click()
    with page.expect_download() as started:
        version.get_by_role("link", name="ONNX file").click()
    assert started.value.suggested_filename == "inkling-version-1.onnx"
    onnx.checker.check_model(started.value.path(), full_check=True)


def test_page_fits_every_screen_with_everything_opened(server, open_admin):
    page = open_admin(server, "/admin/versions", **LAPTOP)
    for closed in page.locator(".version details").all():
        closed.evaluate("details => { details.open = true }")
    check_admin_page(page)
    check_width_of_large_text(page)
