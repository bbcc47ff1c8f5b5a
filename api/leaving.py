"""Ending in order: ready no more, a while for balancers to notice, then uvicorn's own shutdown."""

import asyncio
import signal
import sys
import threading
from types import FrameType

from starlette.types import Message, Send


class Leaving:
    """Whether this process has been told to end, and goes on for `seconds` so that nobody is turned away."""

    def __init__(self, seconds: float) -> None:
        self.began = False
        self._seconds = seconds

    def expect(self) -> None:
        """Hear SIGTERM before uvicorn does; called in the event loop of a server. A second one ends it at once.

        SIGHUP, when a terminal closes, is taken for it; where nohup has it ignored, that holds.
        """
        if threading.current_thread() is not threading.main_thread():
            return
        if sys.platform != "win32" and signal.getsignal(signal.SIGHUP) is signal.SIG_DFL:
            signal.signal(signal.SIGHUP, lambda *_: signal.raise_signal(signal.SIGTERM))
        then, loop = signal.getsignal(signal.SIGTERM), asyncio.get_running_loop()
        if not self._seconds or not callable(then):
            return

        def asked(number: int, frame: FrameType | None) -> None:
            if self.began:
                then(number, frame)
            else:
                self.began = True
                loop.call_soon_threadsafe(loop.call_later, self._seconds, then, number, frame)

        signal.signal(signal.SIGTERM, asked)

    def farewell(self, send: Send) -> Send:
        """`send` that asks clients to come back over another connection: this one is about to be closed."""

        async def closing(message: Message) -> None:
            if message["type"] == "http.response.start" and self.began:
                message = {**message, "headers": [*message.get("headers", ()), (b"connection", b"close")]}
            await send(message)

        return closing
