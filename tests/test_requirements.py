"""What `make` installs is pinned to the last package, with hashes."""

import re
import tomllib

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


def test_wheel_takes_the_pinned_packages_and_later_ones_of_the_same_major_version():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    pins = re.findall(
        r"^(\S+)==(\d+\.\d+)", (ROOT / "requirements.txt").read_text(), re.MULTILINE
    )
    assert project["dependencies"] == [f"{name}~={version}" for name, version in pins]


def test_wheel_is_built_by_what_the_tests_build_it_with():
    build = tomllib.loads((ROOT / "pyproject.toml").read_text())["build-system"]
    version = pinned("requirements-test.txt")["hatchling"]
    assert build["requires"] == [f"hatchling=={version}"]


@pytest.mark.parametrize("lock", ASKED)
def test_every_package_in_a_lock_file_has_hashes(lock):
    text = "\n" + (ROOT / lock).read_text()
    packages = re.split(r"\n(?=[\w.-]+==)", text)[1:]
    assert len(packages) == len(pinned(lock))
    assert [p for p in packages if "--hash=sha256:" not in p] == []
