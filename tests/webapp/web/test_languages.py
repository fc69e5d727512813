"""Pages and sentences in the reader's language, and the switch."""

import pytest

from webapp import config, create_app
from webapp.web import languages


@pytest.mark.parametrize(
    ("accepted", "tag"),
    [
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh-Hans"),
        ("zh", "zh-Hans"),
        ("en-US", "en"),
        ("fr-FR,fr;q=0.9,zh;q=0.5,en;q=0.4", "zh-Hans"),
        ("fr", "en"),
        ("", "en"),
        (";;q=x, ,", "en"),
    ],
)
def test_page_speaks_the_language_that_the_browser_prefers(client, accepted, tag):
    answer = client.get("/", headers={"Accept-Language": accepted})
    assert f'<html lang="{tag}"' in answer.text
    assert answer.headers["Content-Language"] == tag
    assert {"Accept-Language", "Cookie"} <= set(answer.vary)


def test_switch_is_remembered_and_leads_back_to_the_page(client):
    origin = "http://localhost"
    headers = {"Origin": origin, "Referer": f"{origin}/admin/sign-in?next=/admin/log"}
    answer = client.post("/language", data={"language": "zh"}, headers=headers)
    assert (answer.status_code, answer.location) == (303, "/admin/sign-in?next=/admin/log")
    assert "HttpOnly" in answer.headers["Set-Cookie"]
    assert 'lang="zh-Hans"' in client.get("/", headers={"Accept-Language": "en"}).text
    client.post("/language", data={"language": "en"}, headers=headers)
    assert 'lang="en"' in client.get("/", headers={"Accept-Language": "zh"}).text


@pytest.mark.parametrize("data", [{}, {"language": "xx"}, {"language": "pseudo"}])
def test_language_that_is_not_offered_gets_a_sentence(client, data):
    answer = client.post("/language", data=data)
    assert answer.status_code == 400
    assert "Inkling does not speak this language here." in answer.text


def test_other_sites_cannot_switch(client):
    answer = client.post(
        "/language", data={"language": "zh"}, headers={"Origin": "http://evil.example"}
    )
    assert answer.status_code == 403


def test_sentences_come_in_the_language_of_the_request(settings):
    app = create_app(settings | {"languages": "pseudo"})
    answer = app.test_client().post("/api/predict", data=b"x", content_type="image/png")
    assert answer.json["error"]["message"].startswith("⟦")
    app.extensions["database"].close()


def test_values_are_said_in_the_language_too():
    inner = config.ConfigError("{text!r} is wrong.", text="x")
    with languages.speaking("pseudo"):
        assert languages.say("{source}: {error}", source="A", error=inner) == (
            "⟦A: ⟦'x' is wrong.⟧⟧"
        )


def test_unknown_language_is_refused_at_the_start():
    with pytest.raises(config.ConfigError, match=r"'xx' is none of .* en, zh"):
        config.from_environment({"INKLING_LANGUAGES": "en,xx"})
