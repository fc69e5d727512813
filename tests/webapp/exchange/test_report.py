import html
import json
import re
from pathlib import Path

import pytest

from nn.evaluation import wilson_interval
from tests.support.session import HTML, SMALL
from tests.support.shipped import PEOPLE
from tests.webapp.exchange.conftest import download, unpacked
from webapp.exchange import report
from webapp.learning import runs, versions
from webapp.storage.tables import Epoch, TrainingRun, now


@pytest.fixture(scope="module")
def page(contents):
    return contents["report.html"].decode()


def text_of(page):
    """The text of a page, without its tags."""
    return " ".join(re.sub(r"<(style|script).*?</\1>|<[^>]+>", " ", page, flags=re.S).split())


def test_report_escapes_every_text_and_needs_nothing_else(page):
    assert HTML not in page
    assert page.count("&lt;b&gt;Bold&lt;/b&gt;") >= 3  # name, twice, and reason
    assert page.count("<script") == 1
    assert re.findall(r'(?:src|href)="(?!data:image/png;base64,)', page) == []
    assert not re.search(r"url\(|@import|\bimport\b.*\bfrom\b", page)


def test_report_says_how_good_the_live_version_is_and_how_sure_that_is(held, page):
    text = text_of(page)
    assert "Live at the end: version 2" in text
    with held.extensions["database"].reading() as session:
        accuracy = versions.version(session, 2).figures["test_accuracy"]
    low, high = wilson_interval(round(297 * accuracy), 297)
    assert re.search(
        rf"{100 * accuracy:.1f} ?% right, of 297 digits that it never learned from "
        rf"{100 * low:.1f} to {100 * high:.1f} ?%",
        text,
    )
    assert "of 4 drawings by held-out people, who never taught it" in text


def test_report_shows_approved_drawings_and_what_was_confused(page):
    assert page.count('src="data:image/png;base64,') == 12
    text = text_of(page)
    assert "12 drawings by 3 people 9 were read correctly when they were drawn" in text
    assert "0 read as 1 1×" in text
    assert "8 read as 9" in text


def test_report_is_written_in_the_presenters_language(held):
    page = unpacked(download(held, "zh-CN"))["report.html"].decode()
    assert '<html lang="zh-Hans">' in page
    assert "最后使用的版本：版本2" in text_of(page)
    assert texts_of_curves(page)["Epoch {epoch}"] == "第{epoch}轮"


def test_report_brings_along_all_that_its_curves_say(held, page):
    script = Path(held.static_folder, "js/parts/curves.js").read_text("utf-8")
    assert set(re.findall(r'\bt\("(.*?)"', script)) == set(texts_of_curves(page))


def texts_of_curves(page):
    """What the curves of a report say: {English message: message in its language}."""
    return json.loads(html.unescape(re.search(r'data-messages="(.*?)"', page)[1]))


def test_report_limits_drawings_and_runs_and_says_how_many_more(held, monkeypatch):
    monkeypatch.setattr(report, "MOST_DRAWINGS", 5)
    monkeypatch.setattr(report, "MOST_RUNS", 1)
    page = unpacked(download(held))["report.html"].decode()
    assert page.count('src="data:image/png;base64,') == 5
    assert "7 more drawings: see drawings.csv" in text_of(page)
    assert "1 older run: see inkling.db" in text_of(page)


def test_report_of_a_session_in_which_nothing_happened(make_app):
    text = text_of(unpacked(download(make_app()))["report.html"].decode())
    assert "Live at the end: version 1" in text
    assert "There are no approved drawings." in text
    assert f"{PEOPLE} right, of 600 sample drawings by 12 people, who never taught it" in text


def test_long_curve_keeps_its_ends_and_few_points(app):
    with app.extensions["database"].writing() as session:
        run = runs.create(session, SMALL, "article")
        run.status, run.finished_at = TrainingRun.FINISHED, now()
        assert report.curves(run) == {}
        figures = {"accuracy": 0.5, "test_cost": 2.0, "test_accuracy": 1.0}
        figures["people_accuracy"] = 0.25
        run.epochs += [Epoch(number=n, cost=1 / 3 + n, **figures) for n in range(1, 1001)]
        points = report.curves(run)
    assert points["Accuracy"][0] == [1, 0.25, 1.0, 0.5]
    assert points["Cost"][-1] == [1000, 2.0, 1000.0]
    assert len(points["Cost"]) <= report.MOST_POINTS + 1
