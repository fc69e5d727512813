import io
import re
import subprocess
import sys

import numpy as np
import pytest

from nn import export, files
from nn.model import Model
from nn.network import SigmoidNetwork
from tests.conftest import ROOT
from tests.support import prepared
from tests.support.pages import send, sign_in
from tests.support.shipped import DIGITS, PEOPLE

PAGE = "/admin/versions"
ENDINGS = ("npz", "onnx", "json")
PIXELS = {"pixels": [[16] * 8] * 8}


@pytest.fixture(autouse=True)
def _signed_in(client):
    sign_in(client)


def upload(client, data=None, name="room 4.npz"):
    model = Model(SigmoidNetwork([64, 5, 10], 0, np.float32))
    data = files.to_bytes(model) if data is None else data
    return send(client, PAGE, file=(io.BytesIO(data), name))


def notices(answer):
    return re.findall(r'class="notice"[^>]*>([^<]+)<', answer.text)


def test_uploaded_file_becomes_a_version_named_after_it_and_not_live(client):
    answer = upload(client)
    assert "not live until you promote it" in notices(answer)[0]
    assert ">Version 2</a>, room 4" in answer.text
    assert client.post("/api/predict", json=PIXELS).json["model"] == {"version": 1}


def test_promote_and_roll_back_change_who_answers(client, monkeypatch):
    monkeypatch.setattr("webapp.learning.recognition.FOLLOWED_WITHIN", 0)
    upload(client)
    assert notices(send(client, "/admin/versions/2/promote", sure="yes")) == [
        "Version 2 is live, for everyone."
    ]
    assert client.post("/api/predict", json=PIXELS).json["model"] == {"version": 2}
    live = re.search(r'name="live" value="(\d+)"', client.get(PAGE).text)[1]
    send(client, "/admin/roll-back", live=live)
    assert client.post("/api/predict", json=PIXELS).json["model"] == {"version": 1}
    assert "went live meanwhile" in notices(send(client, "/admin/roll-back", live=live))[0]


def test_clearly_worse_version_goes_live_only_when_one_is_sure(client):
    upload(client)
    asks = send(client, "/admin/versions/2/promote").text
    assert f"On a sample of 600 drawings by 12 people: before {PEOPLE}, now " in asks
    assert f"On the digits test set: before {DIGITS}, now " in asks
    assert "is a lesson" in asks
    page = client.get(PAGE).text
    assert re.search(r'data-live[^>]*aria-labelledby="version-1"', page)
    fields = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]+)"', asks))
    answer = client.post("/admin/versions/2/promote", data=fields, follow_redirects=True)
    assert notices(answer) == ["Version 2 is live, for everyone."]
    assert "Version 1 is live" in notices(send(client, "/admin/versions/1/promote"))[0]


def test_page_compares_each_version_with_the_live_one_on_people_first(client, shipped):
    upload(client)
    upload(client, files.to_bytes(shipped), "the same")
    page = re.sub(r"\s+", " ", re.sub("<[^>]+>", " ", client.get(PAGE).text))
    same, worse, _ = page.split("Version ")[1:4]
    assert (
        f"{PEOPLE} right, of 600 sample drawings by 12 people within chance of the live one"
        in same
    )
    assert f"{DIGITS} right, of 297 held-out digits within chance of the live one" in same
    assert worse.count("worse than the live one") == 2


def test_downloaded_file_is_the_model_and_can_be_uploaded(client, shipped):
    answer = client.get("/admin/versions/1.npz")
    assert "filename=inkling-version-1.npz" in answer.headers["Content-Disposition"]
    assert answer.data == files.to_bytes(shipped)
    assert len(re.findall(DIGITS.replace("%", " ?%"), upload(client, answer.data).text)) == 2


@pytest.mark.parametrize(
    ("ending", "convert", "kind"),
    [
        ("onnx", export.to_onnx, "application/octet-stream"),
        ("json", export.to_json, "application/json"),
    ],
)
def test_version_is_downloaded_for_other_programs(client, ending, convert, kind):
    model = Model(SigmoidNetwork([64, 5, 10], 0, np.float32), 1.5, "a few digits")
    upload(client, files.to_bytes(model))
    answer = client.get(f"/admin/versions/2.{ending}")
    assert answer.headers["Content-Disposition"] == (
        f"attachment; filename=inkling-version-2.{ending}"
    )
    assert answer.mimetype == kind
    assert answer.data == convert(model)


def test_page_offers_each_version_in_each_format(client):
    upload(client)
    links = re.findall(r'href="/admin/versions/(\d+\.\w+)" download', client.get(PAGE).text)
    assert links == [f"{number}.{ending}" for number in (2, 1) for ending in ENDINGS]


def test_onnx_is_imported_only_by_who_exports_to_it(tmp_path):
    program = f"""
import sys
from tests.support.pages import sign_in
from tests.support.server import PASSWORD
from webapp import config, create_app
import nn.__main__, webapp.server.serve, webapp.server.worker
environment = {{"INKLING_DATA_DIR": {str(tmp_path)!r}, "INKLING_ADMIN_PASSWORD": PASSWORD}}
client = create_app(config.from_environment(environment)).test_client()
sign_in(client)
assert client.post("/api/predict", json={PIXELS!r}).status_code == 200
for path in ("", "/1.npz", "/1.json", "/1.onnx"):
    assert client.get("{PAGE}" + path).status_code == 200
    print("onnx" in sys.modules)
"""
    prepared.fill(tmp_path)
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == ["False", "False", "False", "True"]


@pytest.mark.parametrize("data", [b"", b"no archive", b"PK\x03\x04" + b"\0" * 1000])
def test_file_that_is_no_model_is_refused_and_nothing_is_kept(client, data):
    answer = upload(client, data)
    assert "npz" in notices(answer)[0]
    assert "Version 2" not in answer.text


def test_too_large_file_is_refused_with_its_limit(client):
    body = b"x" * (files.MAX_BYTES + 2**17)
    answer = client.post(PAGE, data=body, content_type="multipart/form-data; boundary=b")
    assert answer.status_code == 413
    assert f"larger than {files.MAX_BYTES // 2**20} MiB" in answer.text


def test_upload_without_a_file_says_so(client):
    assert notices(send(client, PAGE)) == [
        "Choose a file first: an .npz that Inkling has written."
    ]


def test_delete_and_rename(client):
    upload(client)
    answer = send(client, "/admin/versions/2/rename", name="<b>Bold</b>")
    assert "&lt;b&gt;Bold&lt;/b&gt;" in answer.text
    assert "characters" in notices(send(client, "/admin/versions/2/rename", name=""))[0]
    assert notices(send(client, "/admin/versions/2/delete")) == ["Version 2 is deleted."]
    assert "stays" in notices(send(client, "/admin/versions/1/delete"))[0]
    assert "There is no version 5." in notices(send(client, "/admin/versions/5/promote"))


@pytest.mark.parametrize("ending", ENDINGS)
@pytest.mark.parametrize("number", [7, 10**30])
def test_version_that_is_not_there_cannot_be_downloaded(client, number, ending):
    answer = client.get(f"/admin/versions/{number}.{ending}")
    assert answer.status_code == 404
    assert "There is no version" in answer.text


def test_page_tells_when_each_version_was_live(client):
    upload(client)
    send(client, "/admin/versions/2/promote", sure="yes")
    page = " ".join(re.sub("<[^>]+>", " ", client.get(PAGE).text).split())
    assert re.search(r"Live \d+ \w+ \d+, \d\d:\d\d to now", page)
    assert re.search(r"Live \d+ \w+ \d+, \d\d:\d\d to \d+", page)
