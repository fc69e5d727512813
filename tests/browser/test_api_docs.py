"""The page of the API: Swagger UI from this machine, under our Content-Security-Policy."""

import io
import json

import pytest
from playwright.sync_api import expect

from nn.drawings import render
from tests.browser.looks import LAPTOP, PHONE, check_width

READY = ".opblock"
PREDICT = "#operations-predict-api_predict"


@pytest.fixture
def open_docs(own_server, open_page):
    """A function: the page, whose console must stay empty, as that of every page."""

    def open_docs(**options):
        return open_page(f"{own_server.url}/api/docs", ready=READY, **options)

    return open_docs


def open_predict(page):
    """Open the form to try out POST /api/predict: the part of the page with it."""
    form = page.locator(PREDICT)
    form.locator(".opblock-summary-control").click()
    form.get_by_role("button", name="Try it out").click()
    return form


def answer(form):
    """The JSON that the server answers when the form is sent; the page shows it."""
    with form.page.expect_response("**/api/predict") as response:
        form.get_by_role("button", name="Execute").click()
    expect(form.locator(".live-responses-table")).to_contain_text('"verdict": "sure"')
    return response.value.json()


def test_example_pixels_are_tried_out(open_docs):
    form = open_predict(open_docs(**LAPTOP))
    example = json.loads(form.locator("textarea.body-param__text").input_value())
    assert answer(form)["pixels"] == example["pixels"]


def test_picture_files_are_tried_out(open_docs, strokes):
    buffer = io.BytesIO()
    render(strokes(7)).save(buffer, "PNG")
    picture = {"name": "seven.png", "mimeType": "image/png", "buffer": buffer.getvalue()}
    form = open_predict(open_docs(**PHONE))
    for kind in ("image/png", "multipart/form-data"):
        form.locator("select.content-type").first.select_option(kind)
        form.locator("input[type=file]").set_input_files(picture)
        assert answer(form)["digit"] == 7
        form.get_by_role("button", name="Clear").click()


def test_page_fits_phones_also_with_an_answer(open_docs):
    page = open_docs(**PHONE)
    check_width(page)
    answer(open_predict(page))
    check_width(page)


def test_page_follows_the_colours_of_the_system(open_docs):
    page = open_docs(color_scheme="dark", **LAPTOP)

    def lightness(selector):
        colour = page.locator(selector).first.evaluate("e => getComputedStyle(e).color")
        return sum(map(int, colour.removeprefix("rgb(").rstrip(")").split(", ")[:3]))

    for selector in (".info .title", f"{PREDICT} .opblock-summary-description"):
        assert lightness(selector) > 500
        page.emulate_media(color_scheme="light")
        expect(page.locator("html")).not_to_have_class("dark-mode")
        assert lightness(selector) < 300
        page.emulate_media(color_scheme="dark")
        expect(page.locator("html")).to_have_class("dark-mode")


def test_header_speaks_the_language_of_the_reader(open_docs):
    page = open_docs(locale="zh-CN", **LAPTOP)
    expect(page).to_have_title("编程接口 · Inkling")
    expect(page.locator(".sentence")).to_have_text(
        "用你自己的程序：识别数字、提交手写图、查看网络内部。"
    )
    page.get_by_role("button", name="English").click()
    expect(page).to_have_title("The API · Inkling")
    assert page.url.endswith("/api/docs")
    page.get_by_role("link", name="Inkling", exact=True).click()
    expect(page.get_by_role("img", name="Drawing area")).to_be_visible()
