"""GET /inside/right/report: how good a network is, for learners."""

import re

import pytest

from nn import files, people
from nn.report import Report, held_out_digits
from webapp.learning import versions


@pytest.fixture
def report(client):
    """A function that gets the report as text."""

    def report(query=""):
        page = client.get(f"/inside/right/report{query}")
        assert page.status_code == 200
        return page.text

    return report


@pytest.mark.parametrize(
    ("query", "path"),
    [("", files.SHIPPED), ("?version=1", files.SHIPPED), ("?version=0", files.ARTICLE)],
)
def test_figures_are_those_of_the_network(report, query, path):
    text = report(query)
    for pictures in (held_out_digits(), people.sample()):
        expected = Report(files.load(path), pictures)
        assert f"It read {expected.n_right} of {expected.n} pictures right." in text
        assert f"{100 * expected.accuracy:.1f}%" in text


def test_confusion_matrix_counts_every_picture(report):
    tables = re.findall(r'<table class="confusion">(.*?)</table>', report(), re.DOTALL)
    for table, n in zip(tables, (297, 600), strict=True):
        counts = re.findall(r"<td[^>]*>(?:<span[^>]*>)?(\d+)", table)
        assert len(counts) == 100
        assert sum(map(int, counts)) == n


def test_mistakes_are_shown_with_what_they_were_read_as(report):
    expected = Report(files.load(files.ARTICLE), people.sample())
    text = report("?version=0")
    row = expected.mistakes[0]
    label, digit = expected.pictures.labels[row], expected.predicted[row]
    assert re.search(rf'aria-label="An? {label}, read as an? {digit}, \d+% certain"', text)
    assert f"And {len(expected.mistakes) - 24} more, which are not shown." in text


def test_deleted_version_is_not_found(client, app):
    with app.extensions["database"].writing() as session:
        number = versions.publish(session, files.load(files.ARTICLE), "Two", "upload").id
    assert client.get(f"/inside/right/report?version={number}").status_code == 200
    with app.extensions["database"].writing() as session:
        versions.delete(session, number)
    page = client.get(f"/inside/right/report?version={number}")
    assert page.status_code == 404
    assert f"Version {number} was deleted." in page.text
