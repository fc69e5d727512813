import io
import zipfile

import pytest

from tests.support import prepared
from tests.support.given import give
from tests.support.pages import sign_in
from tests.support.server import PASSWORD
from tests.support.session import hold_session
from webapp import config, create_app
from webapp.storage import first_start
from webapp.storage.tables import Drawing


@pytest.fixture(scope="session")
def make_app(tmp_path_factory):
    """A function that makes an app on a folder, a new one by default."""
    apps = []

    def make_app(folder=None, password=PASSWORD):
        variables = {"INKLING_DATA_DIR": str(folder or tmp_path_factory.mktemp("data"))}
        if password:
            variables["INKLING_ADMIN_PASSWORD"] = password
        settings = config.from_environment(variables)
        new_password = first_start.prepare(settings)
        apps.append(create_app(settings))
        apps[-1].config["PASSWORD"] = new_password or password
        return apps[-1]

    yield make_app
    for app in apps:
        prepared.close(app)


@pytest.fixture(scope="session")
def held(make_app):
    """An app after a session: twelve approved drawings, two pending ones, a rejected one."""
    app = make_app()
    hold_session(app.extensions["database"])
    with app.extensions["database"].writing() as session:
        give(session, status=Drawing.REJECTED)
    return app


@pytest.fixture(scope="session")
def contents(held):
    """What is in the capsule of that session: {name: bytes}."""
    return unpacked(download(held))


def download(app, language="en"):
    """The capsule, bytes, from the page, for a browser that prefers this language."""
    client = app.test_client()
    sign_in(client, app.config["PASSWORD"])
    headers = {"Accept-Language": language}
    with client.get("/admin/capsule.zip", headers=headers) as answer:
        assert answer.status_code == 200
        return answer.data


def unpacked(data):
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}
