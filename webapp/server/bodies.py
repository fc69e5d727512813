"""Receives the bodies of requests, within limits of size, time and memory.

A body is kept up to the limit of its kind; the rest is read and dropped, because a client that
sends before it reads would not see the answer otherwise.

The beginning of every body is free, which is all of a drawing. What large bodies hold beyond
it is counted over the whole process: 900 stalled uploads of 16 MiB would otherwise take all of
a laptop's memory, and drawings never wait for them.
"""

import asyncio
from http import HTTPStatus

from granian.rsgi import HTTPProtocol  # type: ignore[attr-defined]

from nn.words import Sentence

FREE = 2**16  # bytes of every body that are kept in any case
_MOST_HELD = 48 * 2**20  # bytes of all bodies beyond those: three of the largest pictures
_DRAINED = 128 * 2**20  # bytes of a body that is too large which are read and dropped


class BodyError(Exception):
    """A body that cannot be received.

    status : http.HTTPStatus
    code, sentence : as in every error of the API
    """

    def __init__(self, status: HTTPStatus, code: str, sentence: Sentence) -> None:
        super().__init__(str(sentence))
        self.status, self.code, self.sentence = status, code, sentence


class Bodies:
    """Receives the bodies of one process."""

    def __init__(self) -> None:
        self._held = 0  # bytes beyond the free ones, in requests under way

    async def receive(
        self, protocol: HTTPProtocol, length: int | None, most: int, seconds: float
    ) -> tuple[bytes, int]:
        """The first `most` bytes of a body, and how long the whole body is.

        length : what the request says, or None
        seconds : for the body to arrive

        Raises BodyError if it does not arrive in time, or if the process holds too much.
        """
        if length == 0:
            return b"", 0
        try:
            async with asyncio.timeout(seconds):
                if length is not None and length <= FREE:
                    body: bytes = await protocol()
                    return body[:most], len(body)
                return await self._receive_large(protocol, most)
        except TimeoutError:
            raise BodyError(
                HTTPStatus.REQUEST_TIMEOUT,
                "request_timeout",
                Sentence(
                    "The request took longer than {seconds} seconds to arrive. Send it again.",
                    seconds=seconds,
                ),
            ) from None

    async def _receive_large(self, protocol: HTTPProtocol, most: int) -> tuple[bytes, int]:
        parts: list[bytes] = []
        length = held = 0
        try:
            async for part in protocol:
                length += len(part)
                if length > _DRAINED:
                    break
                if length > most:
                    continue
                parts.append(part)
                more = max(0, length - FREE) - held
                held, self._held = held + more, self._held + more
                if self._held > _MOST_HELD:
                    raise BodyError(
                        HTTPStatus.SERVICE_UNAVAILABLE,
                        "too_busy",
                        Sentence(
                            "Too many large pictures arrive at once. Send it again in a moment."
                        ),
                    )
            return b"".join(parts), length
        finally:
            self._held -= held
