"""The directions of the design, read from the imports in the source files."""

import ast
import graphlib
import importlib.util
import sys

import pytest

from tests.conftest import ROOT

# A package of webapp imports only those listed before it.
ROOMS = ["translations", "config", "storage", "room", "learning", "exchange", "web", "server"]


def module_name(path):
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


FILES = {
    module_name(path): path
    for package in ("nn", "webapp", "bench", "tests")
    for path in sorted((ROOT / package).rglob("*.py"))
}


def imported(source, name, is_package=False, modules=frozenset(FILES)):
    """All that a module imports, also within functions, by full name.

    `from nn import files` is nn.files, because there is such a module; `from nn.files import
    load` is nn.files as well.
    """
    package = name if is_package else name.rpartition(".")[0]
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = "." * node.level + (node.module or "")
            base = importlib.util.resolve_name(base, package)
            for alias in node.names:
                whole = f"{base}.{alias.name}"
                found.add(whole if whole in modules else base)
    return found


IMPORTS = {
    name: imported(path.read_text(encoding="utf-8"), name, path.name == "__init__.py")
    for name, path in FILES.items()
}


def within(name, package):
    return name == package or name.startswith(f"{package}.")


def of(package):
    """The modules of a package and what they import."""
    return {name: found for name, found in IMPORTS.items() if within(name, package)}


def users(importing, packages):
    """Who imports what: the imports in `importing` that lie within any of the packages."""
    return [
        f"{name} imports {target}"
        for name, found in importing.items()
        for target in found
        if any(within(target, package) for package in packages)
    ]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("import nn.ink, os", {"nn.ink", "os"}),
        ("from nn import files, SigmoidNetwork", {"nn.files", "nn"}),
        ("from nn.files import load", {"nn.files"}),
        ("def f():\n    from nn import ink", {"nn.ink"}),
        ("from . import ink", {"nn.ink"}),
        ("from .ink import SIDE", {"nn.ink"}),
    ],
)
def test_imports_are_found_wherever_they_stand(source, expected):
    assert imported(source, "nn.any") == expected


def test_the_modules_are_all_there_to_be_read():
    assert {"nn", "nn.network", "webapp", "webapp.web.views.api", "bench.serving"} <= set(FILES)
    assert "nn.network" in IMPORTS["nn.training"]


def test_nn_knows_no_web():
    assert users(of("nn"), ["webapp", "flask", "werkzeug", "jinja2", "granian"]) == []


def test_the_network_itself_needs_numpy_only():
    packages = {name.partition(".")[0] for name in IMPORTS["nn.network"]}
    assert packages - sys.stdlib_module_names == {"numpy"}


def test_every_module_of_webapp_has_its_room():
    within_webapp = {name.split(".")[1] for name in of("webapp") if name != "webapp"}
    assert within_webapp == {*ROOMS, "__main__"}


@pytest.mark.parametrize("room", ROOMS)
def test_rooms_import_only_those_listed_before_them(room):
    later = [f"webapp.{name}" for name in ROOMS[ROOMS.index(room) + 1 :]]
    assert users(of(f"webapp.{room}"), later) == []


def page_of(name):
    """The module or package of a page: webapp.web.views.draw, webapp.web.views.inside."""
    return ".".join(name.split(".")[:4])


def test_views_never_import_views():
    others = [
        f"{name} imports {target}"
        for name, found in of("webapp.web.views").items()
        for target in found
        if within(target, "webapp.web.views") and page_of(target) != page_of(name)
    ]
    assert others == []


def test_no_module_imports_itself_by_way_of_others():
    graph = {**of("nn"), **of("webapp")}
    try:
        graphlib.TopologicalSorter(graph).prepare()
    except graphlib.CycleError as error:
        pytest.fail(f"import circle: {' <- '.join(error.args[1])}")


def test_tests_are_imported_by_tests_and_benchmarks_only():
    assert users({**of("nn"), **of("webapp")}, ["tests", "bench"]) == []
