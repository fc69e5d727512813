"""What `make` installs is pinned to the last package, with hashes."""

import re

import pytest

from tests.conftest import ROOT

ASKED = {
    "requirements.lock": ["requirements.txt"],
    "requirements-test.lock": ["requirements.txt", "requirements-test.txt"],
}
PINNED = re.compile(r"^([\w.-]+)(?:\[\w+\])?==(\S+)", re.MULTILINE)


def pinned(file):
    return dict(PINNED.findall((ROOT / file).read_text()))


@pytest.mark.parametrize("lock", ASKED)
def test_lock_file_holds_what_people_wrote(lock):
    for file in ASKED[lock]:
        assert pinned(file).items() <= pinned(lock).items(), "run `make lock`"


@pytest.mark.parametrize("lock", ASKED)
def test_every_package_in_a_lock_file_has_hashes(lock):
    text = "\n" + (ROOT / lock).read_text()
    packages = re.split(r"\n(?=[\w.-]+==)", text)[1:]
    assert len(packages) == len(pinned(lock))
    assert [p for p in packages if "--hash=sha256:" not in p] == []
