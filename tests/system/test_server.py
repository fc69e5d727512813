"""`python -m webapp` as a real process."""

import contextlib
import http.client
import io
import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from types import SimpleNamespace

import psutil
import pytest
from PIL import Image

from nn.presets import PRESETS
from tests.support import prepared
from tests.support.server import (
    ROOT,
    STARTED_WITHIN,
    database_of,
    environment,
    free_port,
    running_server,
)
from webapp.learning import runs
from webapp.server import serve
from webapp.server.processes import Pauses
from webapp.storage.tables import TrainingRun

_JSON = {"Content-Type": "application/json"}
MAX_WORKER_MEMORY = 300e6


@pytest.fixture(scope="module")
def server():
    with running_server(workers=2) as running:
        yield running


_BLAS = """
from threadpoolctl import threadpool_info
from webapp.server import serve

serve.worker()
print({pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas"})
"""


def test_web_processes_have_one_thread_of_blas(tmp_path):
    prepared.fill(tmp_path)
    started = subprocess.run(
        [sys.executable, "-c", _BLAS],
        cwd=ROOT,
        env=os.environ | {"INKLING_DATA_DIR": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert started.stdout.strip() == "{1}"


def _post(server, body, content_type="image/png"):
    # A busy machine takes long for twenty of the largest pictures; a broken server for ever.
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=300)
    connection.request("POST", "/api/predict", body, {"Content-Type": content_type})
    response = connection.getresponse()
    answer = response.status, json.load(response)
    connection.close()
    return answer


def _png(image):
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    return buffer.getvalue()


def test_healthz_answers_once_predictions_are_served(server):
    status, answer = _post(server, _png(Image.new("L", (28, 28), 255)))
    assert (status, answer["verdict"]) == (200, "blank")


def test_largest_pictures_at_once_leave_memory_within_the_limit(server):
    large = Image.new("RGBA", (8192, 8192), "white")
    large.paste("black", (4000, 1000, 4200, 7000))
    body = _png(large)
    answers = []
    threads = [
        threading.Thread(target=lambda: answers.append(_post(server, body))) for _ in range(20)
    ]
    for thread in threads:
        thread.start()
    most = 0
    while any(thread.is_alive() for thread in threads):
        for worker in server.web_processes():
            most = max(most, worker.memory_info().rss)
    assert [(status, answer["digit"]) for status, answer in answers] == [(200, 1)] * 20
    assert most < MAX_WORKER_MEMORY


@pytest.mark.parametrize("chunked", [False, True])
def test_endless_body_is_refused_before_it_is_received(server, chunked):
    length = b"Transfer-Encoding: chunked" if chunked else b"Content-Length: 400000000"
    head = b"POST /api/predict HTTP/1.1\r\nHost: x\r\nContent-Type: image/png\r\n" + length
    block = b"x" * 2**16
    if chunked:
        block = b"%x\r\n%b\r\n" % (len(block), block)
    with socket.create_connection(("127.0.0.1", server.port), timeout=60) as client:
        client.sendall(head + b"\r\n\r\n")
        while True:
            try:
                client.sendall(block)
            except (BrokenPipeError, ConnectionResetError):
                break


def test_slow_clients_do_not_keep_others_waiting(server):
    head = b"POST /api/predict HTTP/1.1\r\nHost: x\r\nContent-Type: image/png\r\n"
    slow = [socket.create_connection(("127.0.0.1", server.port)) for _ in range(40)]
    for client in slow:
        client.sendall(head + b"Content-Length: 1000\r\n\r\nonly the beginning")
    for _ in range(10):
        assert _post(server, _png(Image.new("L", (28, 28), 255)))[0] == 200
    for client in slow:
        client.settimeout(60)
        assert client.recv(1000).startswith(b"HTTP/1.1 408")
        client.close()


def test_silent_connections_are_closed_and_keep_nobody_waiting(server):
    silent = [_connected(server) for _ in range(1500)]
    for _ in range(10):
        assert _post(server, _png(Image.new("L", (28, 28), 255)))[0] == 200
    for client in silent:
        assert client.recv(1) == b""
        client.close()


def test_more_connections_than_files_keep_nobody_out():
    with running_server(limits="-n 256") as server:
        silent = [_connected(server) for _ in range(600)]
        for _ in range(3):
            assert _post(server, _png(Image.new("L", (28, 28), 255)))[0] == 200
        for client in silent:
            client.close()


def test_stalled_uploads_do_not_fill_the_memory_nor_keep_drawings_out(server):
    head = b"POST /api/predict HTTP/1.1\r\nHost: x\r\nContent-Type: image/png\r\n"
    head += b"Content-Length: %d\r\n\r\n" % 2**22
    before = max(worker.memory_info().rss for worker in server.web_processes())
    stalled, most = [_connected(server) for _ in range(100)], 0
    for client in stalled:
        with contextlib.suppress(ConnectionError):  # refused while it sends
            client.sendall(head + bytes(2**22 - 10))
        most = max(most, *(worker.memory_info().rss for worker in server.web_processes()))
    assert _post(server, _png(Image.new("L", (280, 280), 255)))[0] == 200
    with contextlib.suppress(ConnectionError):
        assert stalled[-1].recv(20).startswith(b"HTTP/1.1 503")
    for client in stalled:
        client.close()
    assert most - before < 110e6  # 400 MB have been sent


def test_nobody_waits_for_those_who_wait_to_write(server):
    def write(answers):
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
        with contextlib.closing(connection):
            connection.request("POST", "/api/game", '{"right": true}', _JSON)
            answers.append(connection.getresponse().status)

    answers = []
    with contextlib.closing(sqlite3.connect(server.data_dir / "inkling.db")) as other:
        other.execute("BEGIN IMMEDIATE")
        writers = [threading.Thread(target=write, args=[answers]) for _ in range(8)]
        for writer in writers:
            writer.start()
        for path in ["/", "/static/css/shared/base.css", "/admin/drawings"] * 4:
            assert _status(server, path) in (200, 302)
        assert len(answers) < len(writers), "they were answered only after all who write"
    for writer in writers:
        writer.join()
    assert set(answers) <= {200, 503}


def _connected(server):
    client = socket.create_connection(("127.0.0.1", server.port))
    client.settimeout(60)
    return client


@pytest.mark.parametrize("path", ["/%2561dmin/sign-in", "/api%252Fpredict", "/%ff"])
def test_path_is_decoded_once(server, path):
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
    connection.request("GET", path)
    assert connection.getresponse().status == 404
    connection.close()


@pytest.mark.parametrize(
    ("request_line", "status"),
    [
        (b"HEAD / HTTP/1.1", b"200"),
        (b"GET /healthz HTTP/1.0", b"200"),
        (b"OPTIONS / HTTP/1.1", b"200"),
        (b"GET / HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: websocket", b"400"),
    ],
)
def test_unusual_requests_get_a_clean_answer(server, request_line, status):
    with _connected(server) as client:
        client.sendall(request_line + b"\r\nHost: x\r\n\r\n")
        assert client.recv(2000).split()[1] == status


def test_client_that_sends_before_it_reads_sees_why_its_picture_is_refused(server):
    status, answer = _post(server, b"x" * (17 * 2**20))
    assert (status, answer["error"]["code"]) == (413, "request_entity_too_large")


@pytest.mark.skipif(os.name != "posix", reason="sessions are a thing of POSIX")
def test_training_worker_gives_way_and_is_not_hit_by_ctrl_c(server):
    worker = server.worker()
    # Linux shares the processor among sessions first: being nice counts within one only.
    assert os.getsid(worker.pid) == os.getsid(server.process.pid)
    assert os.getpgid(worker.pid) != os.getpgid(server.process.pid)
    while worker.nice() != 19:  # it is starting
        assert worker.is_running()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_signal_ends_all_processes_also_those_that_are_starting(number):
    begin = time.monotonic()
    with running_server(workers=2) as server:
        # 5 s, where a start takes 1: a busy machine is slow, which is no defect.
        patience = 5 * max(1, time.monotonic() - begin)
        children = psutil.Process(server.process.pid).children(recursive=True)
        assert len(children) >= 2
        server.process.send_signal(number)
        assert server.process.wait(patience) == 0
        assert psutil.wait_procs(children, timeout=0)[1] == []


def test_terminal_names_the_admin_page_and_says_when_all_has_stopped(tmp_path):
    prepared.fill(tmp_path)
    port = free_port()
    command = [sys.executable, "-m", "webapp", "--port", str(port), "--data-dir", str(tmp_path)]
    command += ["--workers", "1"]
    with subprocess.Popen(
        command, cwd=ROOT, env=environment(), stdout=subprocess.PIPE, text=True
    ) as process:
        lines = [process.stdout.readline() for _ in range(2)]
        assert lines[1] == f"For the presenter: http://127.0.0.1:{port}/admin/\n"
        process.send_signal(signal.SIGINT)
        assert process.communicate(timeout=STARTED_WITHIN) == ("Stopped.\n", None)
        assert process.returncode == 0


def test_killed_server_leaves_no_process_behind():
    with running_server(workers=2) as server:
        workers = psutil.Process(server.process.pid).children(recursive=True)
        assert len(workers) >= 2
        server.process.kill()
        deadline = time.monotonic() + STARTED_WITHIN
        while any(_runs(worker) for worker in workers):
            assert time.monotonic() < deadline, "a process stayed behind"
            time.sleep(0.05)


def _runs(process):
    """Whether it has not ended: a zombie has, and only waits for init to take note."""
    try:
        return process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def test_address_that_a_killed_server_is_just_giving_up_is_waited_for(monkeypatch):
    with socket.create_server(("127.0.0.1", 0)) as old:
        clock = SimpleNamespace(monotonic=time.monotonic, sleep=lambda _seconds: old.close())
        monkeypatch.setattr(serve, "time", clock)
        serve._check_address(*old.getsockname())
        assert old.fileno() == -1  # it was waited for


def test_run_whose_nudge_was_lost_is_trained_all_the_same(server):
    with database_of(server) as database:
        with database.writing() as session:
            run_id = runs.create(session, PRESETS["article"], "article").id
        deadline = time.monotonic() + STARTED_WITHIN
        while time.monotonic() < deadline:
            with database.reading() as session:
                if session.get(TrainingRun, run_id).status == "finished":
                    return
            time.sleep(0.1)
    pytest.fail("the run still waits")


def test_web_processes_that_die_again_and_again_are_replaced(server):
    for _ in range(3):
        before = set(server.web_processes())
        for process in before:
            process.kill()
        deadline = time.monotonic() + STARTED_WITHIN
        while len(set(server.web_processes()) - before) < len(before):
            assert time.monotonic() < deadline, "no process came back"
            time.sleep(0.05)
    while not _answers(server):
        assert time.monotonic() < deadline, "they do not answer"
        time.sleep(0.05)


def _answers(server):
    with contextlib.suppress(OSError, http.client.HTTPException):
        return _post(server, _png(Image.new("L", (28, 28), 255)))[0] == 200
    return False


def test_server_starts_without_its_database_and_is_whole_once_it_is_there(tmp_path):
    prepared.fill(tmp_path)
    database, copy = tmp_path / "inkling.db", tmp_path / "copy.db"
    database.rename(copy)
    database.write_text("This is no database. " * 100)
    with running_server(workers=1, data_dir=tmp_path) as server:
        assert _answers(server)
        assert _status(server, "/") == 200
        assert _status(server, "/wall") >= 500
        copy.replace(database)
        deadline = time.monotonic() + STARTED_WITHIN
        while _status(server, "/wall") != 302:
            assert time.monotonic() < deadline, "it does not come back"
            time.sleep(0.05)


def _status(server, path):
    """The status of an answer; 0 if there is none."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
    with contextlib.closing(connection), contextlib.suppress(OSError):
        connection.request("GET", path)
        return connection.getresponse().status
    return 0


def test_pause_before_a_new_start_doubles_until_a_child_lives_well():
    pauses = Pauses()
    assert [pauses.after(1) for _ in range(9)] == [0.25, 0.5, 1, 2, 4, 8, 16, 30, 30]
    assert [pauses.after(100), pauses.after(1)] == [0.25, 0.5]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--port", "eighty"], "--port"),
        (["--port", "70000"], "65535"),
        (["--workers", "0"], "1 to 64"),
        (["--data-dir", __file__], "cannot be made"),
        (["--host", "no.such.host.invalid"], "Cannot listen on no.such.host.invalid"),
    ],
)
def test_wrong_option_gets_a_sentence(tmp_path, arguments, says):
    run = _webapp(tmp_path, *arguments)
    assert run.returncode == 2
    assert says in run.stderr
    assert "Traceback" not in run.stderr


def test_port_in_use_gets_a_sentence(tmp_path, server):
    run = _webapp(tmp_path, "--port", str(server.port))
    assert run.returncode == 2
    assert f"Cannot listen on 127.0.0.1:{server.port}" in run.stderr


def _webapp(data_dir, *arguments):
    command = [sys.executable, "-m", "webapp", "--port", str(free_port())]
    command += ["--data-dir", str(data_dir), *arguments]
    return subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
    )
