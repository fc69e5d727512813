"""The number that finds a failed request in the log."""

import io

from flask.logging import default_handler


def test_answer_and_log_line_of_an_error_have_the_same_number(app, monkeypatch):
    monkeypatch.setattr(app.logger, "handlers", [default_handler])  # not those of pytest

    @app.get("/api/broken")
    def broken():
        raise RuntimeError("at 100 %")

    client, log = app.test_client(), io.StringIO()
    answers = [client.get("/api/broken", errors_stream=log) for _ in range(2)]
    first, second = (answer.headers["X-Request-Id"] for answer in answers)
    assert first != second
    assert f"request {first}: unexpected error in GET" in log.getvalue()
    assert f"request {second}: unexpected error in GET" in log.getvalue()
    assert "127.0.0.1" not in log.getvalue()


def test_answers_that_are_no_error_of_the_server_have_none(client):
    assert "X-Request-Id" not in client.get("/").headers
    assert "X-Request-Id" not in client.get("/nowhere").headers
