"""A room full of people who give drawings at once, and screens that follow."""

import contextlib
import http.client
import itertools
import json
import secrets
import threading
import time
from dataclasses import dataclass, field

from tests.support.presenter import Presenter


@dataclass
class Room:
    """What happened: kept drawings by id, and when each screen showed them.

    Times are of the monotonic clock, in seconds.
    """

    acknowledged: dict = field(default_factory=dict)  # id -> when the server predicted so
    failures: list = field(default_factory=list)  # sentences
    screens: list = field(default_factory=list)  # one {id: when it was shown} each
    is_over: threading.Event = field(default_factory=threading.Event)  # nobody looks any more

    def wait_until_shown(self, patience=30):
        """Wait until every screen shows every drawing, or patience, in seconds, is over.

        Then the screens are switched off.
        """
        deadline = time.monotonic() + patience
        while time.monotonic() < deadline:
            if all(self.acknowledged.keys() <= screen.keys() for screen in self.screens):
                break
            time.sleep(0.05)
        self.is_over.set()

    def delays(self):
        """Seconds from the server's word to the picture, of every drawing on every screen."""
        return [
            max(0.0, screen[number] - at)
            for screen in self.screens
            for number, at in self.acknowledged.items()
            if number in screen
        ]


class Person:
    """A device with its cookie, which asks again when the connection breaks."""

    def __init__(self, port):
        self._port, self._cookie = port, None
        self._device = secrets.token_hex(16)

    def give(self, label, picture, patience=60):
        """The server's answer to a drawing that is given, a dict; RuntimeError if refused."""
        key = secrets.token_hex(16)
        path = f"/api/drawings?label={label}&consent=true&key={key}&device={self._device}"
        headers = {"Content-Type": "image/png"}
        deadline = time.monotonic() + patience
        while True:
            if self._cookie:
                headers["Cookie"] = self._cookie
            with contextlib.suppress(OSError, http.client.HTTPException):
                return self._send(path, picture, headers)
            if time.monotonic() > deadline:
                raise RuntimeError("the server did not come back")
            time.sleep(0.1)  # as a page does between two attempts

    def _send(self, path, picture, headers):
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=10)
        try:
            connection.request("POST", path, picture, headers)
            response = connection.getresponse()
            answer = json.load(response)
        finally:
            connection.close()
        if response.status >= 500:
            raise http.client.HTTPException(answer)
        if response.status >= 400:
            raise RuntimeError(answer["error"]["message"])
        if response.headers["Set-Cookie"]:
            self._cookie = response.headers["Set-Cookie"].partition(";")[0]
        return answer


def fill(server, pictures, people=60, each=20, seconds=0.0, screens=3):
    """Let people give drawings, evenly over some seconds, while screens show the wall.

    pictures : list of (label, PNG bytes), taken in turns
    """
    room = Room(screens=[{} for _ in range(screens)])
    presenter = Presenter(server)
    presenter.show_without_approval()
    for screen in room.screens:
        threading.Thread(target=_watch, args=(server, room, screen), daemon=True).start()
    turns = itertools.cycle(pictures)
    begin = time.monotonic()
    threads = [
        threading.Thread(
            target=_give,
            args=(server, room, [next(turns) for _ in range(each)], begin, seconds, i / people),
        )
        for i in range(people)
    ]
    for thread in threads:
        thread.start()
    return room, threads


def _give(server, room, drawings, begin, seconds, phase):
    person = Person(server.port)
    for number, (label, picture) in enumerate(drawings):
        due = begin + seconds * (number + phase) / len(drawings)
        time.sleep(max(0.0, due - time.monotonic()))
        try:
            answer = person.give(label, picture)
        except RuntimeError as error:
            room.failures.append(str(error))
        else:
            room.acknowledged[answer["id"]] = time.monotonic()


def _watch(server, room, screen):
    """Follow the wall until the screens are switched off, whatever the server does."""
    while not room.is_over.is_set():
        with contextlib.suppress(OSError, http.client.HTTPException):
            for kind, data in Presenter(server).events("/wall/events"):
                if kind == "drawings":
                    for drawing in data:
                        screen.setdefault(drawing["id"], time.monotonic())
        room.is_over.wait(0.2)
