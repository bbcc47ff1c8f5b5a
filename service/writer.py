"""Group commit: whoever waits to be written is written together, in one durable transaction."""

import asyncio
import logging
import queue
import threading
from collections.abc import Callable, Sequence

from models.errors import Unavailable
from service.commit import Answer
from service.intake import Write

log = logging.getLogger(__name__)
MOST = 128
"""Writes of one batch."""
QUIET = 0.005
"""Seconds without another write, after which no more are taken to be coming."""
UNBIDDEN = 20
"""Batches that are committed as they come after one was waited for in vain: its senders do not wait for answers."""

_Waiting = tuple[Write, "asyncio.Future[Answer]"]


class Writer:
    """One thread that commits; `commit` takes a batch and gives an answer or an exception for each write.

    `failing`: the database could keep nothing of the last batch.
    """

    def __init__(self, commit: Callable[[Sequence[Write]], Sequence[Answer | Exception]]) -> None:
        self._commit = commit
        self._loop: asyncio.AbstractEventLoop
        self._thread = threading.Thread(target=self._run, name="writer", daemon=True)
        self._batches: queue.SimpleQueue[list[_Waiting]] = queue.SimpleQueue()
        self._waiting: list[_Waiting] = []
        self._closed = True
        self._busy = self._watched = False
        self._expected = self._unbidden = 0
        self._began = self._until = 0.0
        self.failing = False

    def start(self) -> None:
        """Begin to commit; called in the event loop that will submit."""
        self._loop, self._closed = asyncio.get_running_loop(), False
        self._thread.start()

    async def stop(self) -> None:
        """Commit what waits, then end."""
        self._closed = True
        if not self._busy:
            self._hand_over()
        await asyncio.to_thread(self._thread.join)

    @property
    def alive(self) -> bool:
        """Whether writes are being committed."""
        return self._thread.is_alive() and not self._closed

    async def submit(self, write: Write) -> Answer:
        """Wait until the write is durable; raises what refused it."""
        if self._closed:
            raise Unavailable("The service is shutting down; send the request again.")
        future: asyncio.Future[Answer] = self._loop.create_future()
        self._waiting.append((write, future))
        self._gather()
        return await future

    def _gather(self) -> None:
        """Hand over what waits, unless the thread is at work, or those who were answered last are about to come again.

        Without this they would be committed in two halves by turns, each half being read while the other one is
        committed: twice as many commits, and two threads after one interpreter's lock. Waiting ends when as many are
        here as there were, when nobody comes for a while, or when it takes twice as long as the last commit did. Where
        it was in vain, it is left alone for a while: senders at a rate of their own would be late by it each time.
        """
        if self._busy or self._closed or not self._waiting:
            return
        if len(self._waiting) >= self._expected:
            self._hand_over()
        elif self._loop.time() >= self._until:
            self._give_up()
        elif not self._watched:
            self._watched = True
            self._loop.call_later(QUIET, self._look, len(self._waiting))

    def _look(self, before: int) -> None:
        self._watched = False
        if len(self._waiting) == before and not self._busy and not self._closed:
            self._give_up()
        else:
            self._gather()

    def _give_up(self) -> None:
        self._unbidden = UNBIDDEN
        self._hand_over()

    def _hand_over(self) -> None:
        self._busy, self._began = True, self._loop.time()
        batch, self._waiting = self._waiting[:MOST], self._waiting[MOST:]
        self._batches.put(batch)

    def _run(self) -> None:
        while batch := self._batches.get():
            answers: Sequence[Answer | Exception]
            try:
                answers = self._commit([write for write, _ in batch])
            except Exception as error:  # the thread must not end: whoever waits then would wait for ever
                log.exception("a batch failed")
                answers = [error] * len(batch)
            self.failing = all(isinstance(answer, Unavailable) for answer in answers)
            self._loop.call_soon_threadsafe(self._done, batch, answers)

    def _done(self, batch: Sequence[_Waiting], answers: Sequence[Answer | Exception]) -> None:
        now = self._loop.time()
        self._busy, self._until = False, now + 2 * (now - self._began)
        self._expected = 0 if self._unbidden else min(len(batch) + len(self._waiting), MOST)
        self._unbidden = max(self._unbidden - 1, 0)
        _answer([future for _, future in batch], answers)
        if self._closed:
            self._hand_over()  # what waits, or nothing, which ends the thread
        else:
            self._gather()


def _answer(futures: Sequence["asyncio.Future[Answer]"], answers: Sequence[Answer | Exception]) -> None:
    for future, answer in zip(futures, answers, strict=True):
        if future.done():  # the client has gone; what it sent is kept all the same
            continue
        if isinstance(answer, Exception):
            future.set_exception(answer)
        else:
            future.set_result(answer)
