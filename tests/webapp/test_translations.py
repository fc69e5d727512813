"""The catalogues: complete, true to the sources, and the files made from them up to date."""

import io
import re

import pytest
from babel.messages.mofile import write_mo

from webapp.translations import DOMAIN, FOLDER
from webapp.translations import __main__ as catalogues

PLACES = re.compile(r"%\(\w+\)[sd]|%%|\{[\w.]+(?:![rs])?(?::[^{}]*)?\}")


@pytest.fixture(scope="module")
def found():
    return catalogues.extracted()


@pytest.fixture(scope="module", params=catalogues.TRANSLATED)
def language(request):
    return request.param


@pytest.fixture(scope="module")
def catalogue(language, found):
    return catalogues.updated(language, found)


def test_every_message_is_translated(catalogue):
    assert [each.id for each in catalogue if each.id and not catalogues.is_done(each)] == []


def test_values_stand_in_translations_as_in_english(catalogue):
    for message in catalogue:
        if message.id:
            one, texts = catalogues.forms(message)
            english = {one} if not message.pluralizable else set(message.id)
            allowed = [sorted(PLACES.findall(text)) for text in english]
            for text in texts:
                assert sorted(PLACES.findall(text)) in allowed, one


def test_files_that_are_read_are_made_from_the_catalogue(language, catalogue):
    compiled = io.BytesIO()
    write_mo(compiled, catalogue)
    stored = FOLDER / language / "LC_MESSAGES" / f"{DOMAIN}.mo"
    assert stored.read_bytes() == compiled.getvalue(), "run `make catalogues`"
    module = (catalogues.MODULES / f"{language}.js").read_text("utf-8")
    assert module == catalogues.module(catalogue), "run `make catalogues`"
