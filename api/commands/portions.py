"""Files cut into portions to prepare and batches to write, from where an interrupted load ended."""

import hashlib
import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from api.commands.preparing import Portion, Prepared, pooled, prepare
from api.commands.reading import texts
from models.store.positions import Positions, Reached

LINES, OCTETS = 100, 1_000_000
"""A portion has at most so many texts, and no further one after so many octets."""
SMALL = 4_000_000
"""Octets of all files below which starting processes takes longer than they save."""
SPARE = 1
"""Processors that preparing leaves to the writer."""


class File(NamedTuple):
    """A file to load: how it is known, its octets, those of the files before it, how far it was loaded before."""

    path: Path
    source: str
    size: int
    before: int
    reached: Reached


def listed(paths: Iterable[Path], positions: Positions | None) -> list[File]:
    """The files with what `positions` knows of them."""
    found = [(path, path.stat()) for path in paths]
    sources = [_source(path, about) for path, about in found]
    known = positions.read(sources) if positions else {}
    made: list[File] = []
    before = 0
    for (path, about), source in zip(found, sources, strict=True):
        made.append(File(path, source, about.st_size, before, known.get(source, Reached())))
        before += about.st_size
    return made


def batches(files: Sequence[File], bases: Sequence[str], size: int) -> Iterator[list[Prepared]]:
    """Whole portions together, as soon as they hold `size` resources."""
    cut = (portion for at, file in enumerate(files) for portion in _portions(at, file, bases))
    large = sum(file.size for file in files) > SMALL
    batch: list[Prepared] = []
    for part in pooled(cut, max((os.cpu_count() or 1) - SPARE, 1)) if large else map(prepare, cut):
        batch.append(part)
        if sum(len(one.items) for one in batch) >= size:
            yield batch
            batch = []
    if batch:
        yield batch


def _portions(at: int, file: File, bases: Sequence[str]) -> Iterator[Portion]:
    held: list[tuple[int, bytes]] = []
    octets = 0
    for line, raw, offset in texts(file.path):
        if line <= file.reached.lines:
            continue
        held.append((line, raw))
        octets += len(raw)
        if len(held) >= LINES or octets >= OCTETS:
            yield Portion(at, offset, tuple(held), bases)
            held, octets = [], 0
    if held:
        yield Portion(at, file.size, tuple(held), bases)


def _source(path: Path, about: os.stat_result) -> str:
    """A digest: a file's name may tell a patient's, and a file that has changed is another one."""
    known = f"{path.resolve()}|{about.st_size}|{about.st_mtime_ns}"
    return hashlib.blake2b(known.encode(), digest_size=16).hexdigest()
