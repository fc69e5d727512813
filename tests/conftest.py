"""What several test modules need, read once: the shipped model, digits, recorded drawings."""

import contextlib
import os
from pathlib import Path

import numpy as np
import pytest
from hypothesis import settings
from jinja2 import FileSystemBytecodeCache

from nn import digits, drawings, files
from tests.support import prepared
from tests.support.other_servers import new_database
from tests.support.server import PASSWORD
from webapp import config, create_app
from webapp.storage.database import Database

ROOT = Path(__file__).parents[1]
DATA = Path(__file__).parent / "data"
SAMPLE_DRAWINGS = DATA / "strokes.jsonl.gz"
SHIPPED_MODEL = ROOT / "nn" / "workshop.npz"
ON_SERVER = os.environ.get("INKLING_TEST_DATABASE_URL")  # PostgreSQL for tests; see tests.scale

# In products of matrices as small as ours, a second thread doubles the processor time and saves
# none. The processes that pytest-xdist and the tests start inherit this; NumPy reads it when it
# is imported.
os.environ["OPENBLAS_NUM_THREADS"] = "1"

# A busy machine is slow; that is no defect of the code under test.
settings.register_profile("inkling", deadline=None)
settings.load_profile("inkling")


def pytest_configure(config):
    config.addinivalue_line("markers", "sqlite: a test of the database's file; see ON_SERVER")


def pytest_runtest_setup(item):
    if ON_SERVER and item.get_closest_marker("sqlite"):
        pytest.skip("the database is no file")


def pytest_collection_modifyitems(items):
    """Begin with what takes longest, or one process would end long after the others."""
    first = [("test_recognition.py", "test_whole_loop.py"), ("browser", "system")]

    def place(item):
        parts = set(item.path.parts)
        return next((i for i, names in enumerate(first) if parts & set(names)), len(first))

    items.sort(key=place)  # within each of these places the order stays random


def pytest_terminal_summary(terminalreporter):
    """Show what tests measured and told by `record_property("figure", sentence)`."""
    passed = terminalreporter.stats.get("passed", [])
    figures = [text for report in passed for name, text in report.user_properties]
    if figures:
        terminalreporter.section("figures")
        terminalreporter.write_line("\n".join(figures))


@pytest.fixture
def settings(tmp_path):
    """Settings with an empty data folder, and an empty database there or on ON_SERVER."""
    variables = {"INKLING_DATA_DIR": str(tmp_path), "INKLING_ADMIN_PASSWORD": PASSWORD}
    with contextlib.ExitStack() as stack:
        if ON_SERVER:
            variables["DATABASE_URL"] = stack.enter_context(new_database(ON_SERVER))
        yield config.from_environment(variables)


@pytest.fixture(scope="session")
def compiled_templates(tmp_path_factory):
    """Where the applications of all tests keep their compiled templates."""
    return FileSystemBytecodeCache(str(tmp_path_factory.mktemp("templates")))


@pytest.fixture
def app(settings, compiled_templates):
    """An application after a first start."""
    prepared.first_start_of(settings)
    app = create_app(settings)
    app.jinja_env.bytecode_cache = compiled_templates
    yield app
    prepared.close(app)


@pytest.fixture
def client(app):
    return app.test_client()


@pytest.fixture
def database(settings):
    """A database after a first start."""
    prepared.first_start_of(settings)
    database = Database(settings)
    yield database
    database.close()


@pytest.fixture(scope="session")
def shipped():
    """The model that ships."""
    return files.load(SHIPPED_MODEL)


@pytest.fixture(scope="session")
def all_digits():
    """scikit-learn's digits: pixels (1797, 64) and labels (1797,)."""
    return digits.load()


@pytest.fixture(scope="session")
def sample_drawings():
    """60 recorded drawings by real people: a list of (digit, strokes)."""
    return drawings.read_drawings(SAMPLE_DRAWINGS)


@pytest.fixture(scope="session")
def plain_pixels(sample_drawings):
    """The 60 drawings as the network sees them when drawn as usual: (60, 64) int, 0..16."""
    pixels, _ = drawings.drawn_pixels(sample_drawings, drawings.Placement())
    return pixels.astype(np.int64)
