"""Who waits to be written is written together; nobody waits for those who do not come, and none is forgotten."""

import asyncio
import threading
import time
from collections.abc import Callable, Coroutine, Iterator, Sequence
from typing import Any

import pytest

from models.errors import Unavailable
from service.commit import Answer
from service.intake import Write
from service.writer import MOST, QUIET, UNBIDDEN, Writer
from tests.postgres import PATIENCE

Task = asyncio.Task[Answer]


class Still(asyncio.SelectorEventLoop):
    """A loop whose clock stands, unless it is moved: no test waits, and none has luck."""

    at = 1000.0

    def time(self) -> float:
        return self.at


class Desk:
    """A writer, whose commits last until they are let go."""

    def __init__(self, loop: Still) -> None:
        self.loop = loop
        self.batches: list[list[str]] = []
        self.writer = Writer(self.commit)
        self._held = threading.Semaphore(0)
        self.fault: Exception | None = None

    def commit(self, writes: Sequence[Write]) -> list[Answer | Exception]:
        self.batches.append([write.due[0] for write in writes])
        self._held.acquire()
        fault, self.fault = self.fault, None
        if fault:
            raise fault
        return [()] * len(writes)

    async def submit(self, names: str | Sequence[str]) -> list[Task]:
        """One write a name, each by a client of its own."""
        tasks = [self.loop.create_task(self.writer.submit(Write((), due=(name,)))) for name in names]
        await self.turns()
        return tasks

    async def turns(self) -> None:
        for _ in range(5):
            await asyncio.sleep(0)

    async def let_go(self, tasks: Sequence[asyncio.Task[Any]], commits: int = 1) -> list[Any]:
        """End so many commits; what the tasks came to."""
        for _ in range(commits):
            self._held.release()
        return await self.ended(tasks)

    async def ended(self, tasks: Sequence[asyncio.Task[Any]]) -> list[Any]:
        deadline = time.monotonic() + PATIENCE
        while not all(task.done() for task in tasks):
            assert time.monotonic() < deadline, self.batches
            await asyncio.sleep(0)
        return await asyncio.gather(*tasks, return_exceptions=True)

    async def served(self, names: str, seconds: float) -> None:
        """So many are written together, in a commit of so many seconds; the first of them has come again for it."""
        first = await self.submit(names[0])
        tasks = await self.submit(names[1:])
        self.loop.at += seconds
        await self.let_go(first)
        tasks += await self.submit(names[0])
        self.loop.at += seconds
        await self.let_go(tasks)
        assert self.batches[-1] == [*names[1:], names[0]]


Scene = Callable[[Desk], Coroutine[Any, Any, None]]


@pytest.fixture
def play() -> Iterator[Callable[[Scene], None]]:
    """Plays a scene at a desk, whose writer has to end afterwards."""

    async def played(loop: Still, scene: Scene) -> None:
        desk = Desk(loop)
        desk.writer.start()
        await scene(desk)
        await desk.let_go([loop.create_task(desk.writer.stop())], 10)
        assert not desk.writer.alive

    with asyncio.Runner(loop_factory=Still) as runner:
        loop = runner.get_loop()
        assert isinstance(loop, Still)
        yield lambda scene: runner.run(played(loop, scene))


def test_everybody_who_waits_is_committed_together(play: Callable[[Scene], None]) -> None:
    async def scene(desk: Desk) -> None:
        tasks = await desk.submit("a") + await desk.submit("b") + await desk.submit("cd")
        await desk.let_go(tasks, 2)
        assert desk.batches == [["a"], ["b", "c", "d"]]

    play(scene)


def test_those_who_were_answered_last_are_waited_for(play: Callable[[Scene], None]) -> None:
    async def scene(desk: Desk) -> None:
        await desk.served("abc", 1)
        tasks = await desk.submit("d") + await desk.submit("e") + await desk.submit("f")
        await desk.let_go(tasks)
        assert desk.batches[-1] == ["d", "e", "f"]

    play(scene)


def test_nobody_waits_for_those_who_do_not_come(play: Callable[[Scene], None]) -> None:
    async def scene(desk: Desk) -> None:
        await desk.served("abc", 1)
        tasks = await desk.submit("d")
        assert desk.batches[-1] == ["b", "c", "a"]
        desk.loop.at += QUIET
        await desk.let_go(tasks)
        tasks = await desk.submit("e")  # alone from now on
        await desk.let_go(tasks)
        assert desk.batches[-2:] == [["d"], ["e"]]

    play(scene)


def test_where_they_were_waited_for_in_vain_that_is_not_done_again_soon(
    play: Callable[[Scene], None],
) -> None:
    async def scene(desk: Desk) -> None:
        await desk.served("abc", 1)
        desk.loop.at += 2  # longer than two commits: who comes now is not waited with
        for _ in range(UNBIDDEN // 2):
            tasks = await desk.submit("d")
            others = await desk.submit("ef")
            await desk.let_go([*tasks, *others], 2)
            assert desk.batches[-2:] == [["d"], ["e", "f"]]
        await desk.served("abc", 1)

    play(scene)


def test_those_who_come_one_by_one_are_waited_for_no_longer_than_two_commits(
    play: Callable[[Scene], None],
) -> None:
    async def scene(desk: Desk) -> None:
        await desk.served("abcdefgh", 1.45 * QUIET)
        tasks = []
        for name in "ijklm":
            tasks += await desk.submit(name)
            desk.loop.at += 0.75 * QUIET
        await desk.let_go(tasks)
        assert desk.batches[-1] == [*"ijklm"]

    play(scene)


@pytest.mark.parametrize("many", [1, MOST, 2 * MOST + 5])
def test_stopping_commits_what_waits(play: Callable[[Scene], None], many: int) -> None:
    async def scene(desk: Desk) -> None:
        tasks = await desk.submit("a") + await desk.submit([f"b{number}" for number in range(many)])
        ending = desk.loop.create_task(desk.writer.stop())
        await desk.turns()
        assert await desk.let_go([*tasks, ending], 10) == [()] * len(tasks) + [None]
        sizes = [len(batch) for batch in desk.batches]
        assert sizes == [1, *[MOST] * (many // MOST), *([many % MOST] if many % MOST else [])]

    play(scene)


def test_stopping_waits_for_nobody_else(play: Callable[[Scene], None]) -> None:
    async def scene(desk: Desk) -> None:
        await desk.served("abc", 1)
        tasks = await desk.submit("d")
        ending = desk.loop.create_task(desk.writer.stop())
        assert await desk.let_go([*tasks, ending]) == [(), None]

    play(scene)


def test_who_comes_after_the_end_or_before_the_beginning_is_refused(play: Callable[[Scene], None]) -> None:
    async def scene(desk: Desk) -> None:
        await desk.ended([desk.loop.create_task(desk.writer.stop())])
        for writer in (desk.writer, Writer(desk.commit)):
            with pytest.raises(Unavailable):
                await writer.submit(Write(()))
        assert desk.batches == []

    play(scene)


def test_a_client_that_has_gone_holds_up_nobody_and_what_it_sent_is_kept(
    play: Callable[[Scene], None],
) -> None:
    async def scene(desk: Desk) -> None:
        tasks = await desk.submit("a") + await desk.submit("bc")
        for gone in tasks[:2]:
            gone.cancel()
        assert await desk.let_go(tasks[2:], 2) == [()]
        assert desk.batches == [["a"], ["b", "c"]]

    play(scene)


def test_a_commit_that_raises_is_the_answer_to_its_writes_and_the_next_are_committed(
    play: Callable[[Scene], None],
) -> None:
    async def scene(desk: Desk) -> None:
        desk.fault = MemoryError()
        tasks = await desk.submit("a") + await desk.submit("bc")
        failed, *others = await desk.let_go(tasks, 2)
        assert isinstance(failed, MemoryError)
        assert others == [(), ()]
        assert desk.writer.alive

    play(scene)
