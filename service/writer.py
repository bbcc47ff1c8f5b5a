"""Group commit: whoever waits to be written is written together, in one durable transaction."""

import asyncio
import queue
import threading
from collections.abc import Callable, Sequence

from models.errors import Unavailable
from service.commit import Answer
from service.intake import Write

MOST = 128
"""Writes of one batch."""

_Waiting = tuple[Write, "asyncio.Future[Answer]"]


class Writer:
    """One thread that commits; `commit` takes a batch and gives an answer or an exception for each write.

    `failing`: the database could keep nothing of the last batch.
    """

    def __init__(self, commit: Callable[[Sequence[Write]], Sequence[Answer | Exception]]) -> None:
        self._commit = commit
        self._queue: queue.SimpleQueue[_Waiting | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="writer", daemon=True)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._closed = False
        self.failing = False

    def start(self) -> None:
        """Begin to commit; called in the event loop that will submit."""
        self._loop = asyncio.get_running_loop()
        self._thread.start()

    async def stop(self) -> None:
        """Commit what waits, then end."""
        self._closed = True
        self._queue.put(None)
        await asyncio.to_thread(self._thread.join)

    @property
    def alive(self) -> bool:
        """Whether writes are being committed."""
        return self._thread.is_alive() and not self._closed

    async def submit(self, write: Write) -> Answer:
        """Wait until the write is durable; raises what refused it."""
        if self._closed or self._loop is None:
            raise Unavailable("The service is shutting down; send the request again.")
        future: asyncio.Future[Answer] = self._loop.create_future()
        self._queue.put((write, future))
        return await future

    def _run(self) -> None:
        while (first := self._queue.get()) is not None:
            batch = [first]
            ended = False
            while len(batch) < MOST and not self._queue.empty():
                item = self._queue.get()
                if item is None:
                    ended = True
                    break
                batch.append(item)
            answers = self._commit([write for write, _ in batch])
            self.failing = all(isinstance(answer, Unavailable) for answer in answers)
            futures = [future for _, future in batch]
            assert self._loop is not None
            self._loop.call_soon_threadsafe(_answer, futures, answers)
            if ended:
                return


def _answer(futures: Sequence["asyncio.Future[Answer]"], answers: Sequence[Answer | Exception]) -> None:
    for future, answer in zip(futures, answers, strict=True):
        if future.done():  # the client has gone; what it sent is kept all the same
            continue
        if isinstance(answer, Exception):
            future.set_exception(answer)
        else:
            future.set_result(answer)
