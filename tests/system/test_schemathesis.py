"""Schemathesis asks a real server what the description of the API allows, and what it does not.

Every route that is described takes part, in deterministic cases.
"""

import io
import urllib.request

import pytest
from hypothesis import strategies as st

from nn.drawings import render
from tests.support.server import running_server

CASES = 2000
EXAMPLES = 25  # of each route, beside those that try every limit
KINDS = ("PNG", "JPEG", "WEBP", "BMP")
# Why valid data may be refused: what no schema says of pictures, networks and forms.
UNSAYABLE = {
    *("not_a_picture", "unsupported_picture", "missing_image", "blank"),
    *("no_such_neuron", "no_such_weight", "bad_network"),
}


@pytest.fixture
def server():
    """A server of its own: afterwards its database is full of drawings."""
    with running_server(workers=1) as running:
        yield running


@pytest.fixture
def pictures(sample_drawings):
    """A drawing as a file of each kind."""
    drawing = render(next(strokes for digit, strokes in sample_drawings if digit == 7))
    return [_encoded(drawing, kind) for kind in KINDS]


def _encoded(picture, kind):
    buffer = io.BytesIO()
    picture.save(buffer, kind)
    return buffer.getvalue()


def test_no_case_fails(server, pictures, record_property):
    api = _described(server, pictures)
    api.hook("filter_failure")(_is_fault)
    n, labels, failures = _run(api)
    record_property("figure", f"schemathesis: {n:,} cases, {len(failures)} failures")
    assert not failures, "\n\n".join(failures)
    assert n >= CASES
    assert labels == {operation.ok().label for operation in api.get_all_operations()}


def _described(server, pictures):
    """The description as schemathesis reads it, for a participant who has given a drawing."""
    import schemathesis  # takes long, which the other tests need not wait for
    from schemathesis.config import SchemathesisConfig

    files = st.sampled_from(pictures) | st.binary()
    schemathesis.openapi.format("binary", files)
    for kind in KINDS:
        schemathesis.openapi.media_type(f"image/{kind.lower()}", files)
    address = f"{server.url}/api/drawings?label=7&consent=true"
    drawing = urllib.request.Request(address, pictures[0], {"Content-Type": "image/png"})
    with urllib.request.urlopen(drawing) as given:
        cookie, _, _ = given.headers["Set-Cookie"].partition(";")
    config = {
        "headers": {"Cookie": cookie},
        "suppress-health-check": ["all"],  # a busy machine is slow
        "generation": {"deterministic": True, "max-examples": EXAMPLES, "database": "none"},
    }
    return schemathesis.openapi.from_url(
        f"{server.url}/openapi.json", config=SchemathesisConfig.from_dict(config)
    )


def _run(api):
    """Number of cases, labels of the routes, and what failed."""
    from schemathesis.engine import Status, events, from_schema

    n, labels, failures = 0, set(), []
    for event in from_schema(api).execute():
        assert not isinstance(event, events.NonFatalError | events.FatalError), event
        if isinstance(event, events.ScenarioFinished):
            n += len(event.recorder.cases)
            labels.add(event.label)
            failures += [
                f"{event.label}: {check.failure_info.failure}"
                for checks in event.recorder.checks.values()
                for check in checks
                if check.status is Status.FAILURE
            ]
    return n, labels, failures


def _is_fault(_context, failure, case, response):
    """Whether a failure is a fault of the API, or of its description."""
    from schemathesis.core.failures import AcceptedNegativeData
    from schemathesis.openapi.checks import RejectedPositiveData

    if isinstance(failure, AcceptedNegativeData):
        return not _is_overridden(case)
    if isinstance(failure, RejectedPositiveData):
        code = response.json()["error"]["code"]
        is_bare = case.media_type.startswith("image/")  # its label stands in the query
        return code not in UNSAYABLE and not (is_bare and code == "bad_label")
    return True


def _is_overridden(case):
    """Whether another place of the same field counts: a drawing's fields have two or three."""
    from schemathesis.core.parameters import ParameterLocation

    if case.operation.label != "POST /api/drawings":
        return False
    body = case.meta.components.get(ParameterLocation.BODY)
    is_body_wrong = body is not None and body.mode.is_negative
    is_bare = case.media_type.startswith("image/")
    return not (is_bare or is_body_wrong) or "Idempotency-Key" in case.headers
