"""Texts of files made ready to be written: read, held against FHIR, indexed; nothing here needs the database."""

import os
import signal
import threading
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context, parent_process
from multiprocessing.process import BaseProcess
from typing import NamedTuple

from api.cli import CommandError
from api.commands.resources import Document, resources
from models.errors import Refused
from models.fhir.codec import parse
from models.problem import Problem
from models.resource_types import TYPES
from service.intake import Write, check, entry

AHEAD = 8
"""Portions being prepared beyond the one that is needed next."""

OURS = "alert of this service"


class Portion(NamedTuple):
    """Some texts of one file (by its place in the list of files), each with its line; it is read to `offset`."""

    file: int
    offset: int
    texts: tuple[tuple[int, bytes], ...]
    bases: Sequence[str] = ()


class Ready(NamedTuple):
    """A resource that can be written."""

    line: int
    write: Write


class Rejected(NamedTuple):
    """A resource, or a text that gives none, and why it is not taken."""

    line: int
    problems: tuple[Problem, ...]
    doc: Document | None = None
    raw: bytes = b""


class Prepared(NamedTuple):
    """What a portion gives: resources in order, and how many were left out of each type that is not served."""

    file: int
    offset: int
    line: int
    items: tuple[Ready | Rejected, ...]
    skipped: Counter[str]


def prepare(portion: Portion) -> Prepared:
    """Read one portion."""
    items: list[Ready | Rejected] = []
    skipped: Counter[str] = Counter()
    for line, raw in portion.texts:
        try:
            docs = list(resources(parse(raw)))
        except Refused as error:
            items.append(Rejected(line, error.problems, raw=raw))
            continue
        for doc in docs:
            name = _name(doc)
            item = _item(line, doc, portion.bases) if name in TYPES else None
            if item is None or _is_ours(item):
                skipped[OURS if item else name] += 1
            else:
                items.append(item)
    return Prepared(portion.file, portion.offset, portion.texts[-1][0], tuple(items), skipped)


def pooled(portions: Iterable[Portion], processes: int) -> Iterator[Prepared]:
    """The same for many portions, in order, in processes beside this one. Raises CommandError when one is killed."""
    context = get_context("spawn" if os.name == "nt" else "forkserver")
    if hasattr(context, "set_forkserver_preload"):
        context.set_forkserver_preload([__name__])
    with ProcessPoolExecutor(processes, context, _end_with_parent) as pool:
        try:
            yield from _ahead(lambda portion: pool.submit(prepare, portion), portions)
        except BrokenProcessPool as error:
            raise CommandError(
                "A process that prepared resources was ended from outside; run it again."
            ) from error


def _ahead(start: Callable[[Portion], "Future[Prepared]"], portions: Iterable[Portion]) -> Iterator[Prepared]:
    waiting: deque[Future[Prepared]] = deque()
    for portion in portions:
        waiting.append(start(portion))
        if len(waiting) > AHEAD:
            yield waiting.popleft().result()
    for future in waiting:
        yield future.result()


def _end_with_parent() -> None:
    """A process of the pool leaves Ctrl-C to its parent, and would wait for ever for one that was killed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = parent_process()
    if parent:
        threading.Thread(target=_end_after, args=(parent,), daemon=True).start()


def _end_after(parent: BaseProcess) -> None:
    parent.join()
    os._exit(1)


def _item(line: int, doc: Document, bases: Sequence[str]) -> Ready | Rejected:
    try:
        check(doc, _name(doc))
        return Ready(line, Write((entry("PUT", doc, doc["id"], bases),), tuple(bases)))
    except Refused as error:
        return Rejected(line, error.problems, doc)


def _is_ours(item: Ready | Rejected) -> bool:
    """Whether it is an alert of this service, in what was once read from it: the readings raise it anew."""
    return isinstance(item, Rejected) and any(problem.rule == "alert-read-only" for problem in item.problems)


def _name(doc: Document) -> str:
    return str(doc.get("resourceType") or "entry without a resource")
