"""Files of FHIR resources as texts, one after the other, whatever they are packed in."""

import bz2
import gzip
import io
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import BinaryIO, NamedTuple

from api.cli import MISUSED, CommandError
from models.errors import Malformed
from models.fhir.codec import parse

SUFFIXES = (".json", ".ndjson", ".jsonl")
LINES = (".ndjson", ".jsonl")
LONGEST = 256 * 1024 * 1024
"""Octets of one text, unpacked: a packed file of kilobytes can hold gigabytes of them."""


def _as_it_is(raw: BinaryIO) -> BinaryIO:
    return raw


PACKED: dict[str, Callable[[BinaryIO], BinaryIO]] = {
    ".gz": lambda raw: io.BufferedReader(gzip.GzipFile(fileobj=raw)),
    ".bz2": lambda raw: io.BufferedReader(bz2.BZ2File(raw)),
}
"""Suffix -> how it is unpacked."""


class Text(NamedTuple):
    """One JSON text of a file: an NDJSON line, or everything (as line 1); `offset` octets of the file are read."""

    line: int
    raw: bytes
    offset: int


def files(names: Iterable[str]) -> list[Path]:
    """The files meant: those named, and those below directories that are named like FHIR JSON."""
    found: list[Path] = []
    for path in map(Path, names):
        if path.is_dir():
            found += sorted(
                below for below in path.rglob("*") if below.is_file() and _plain(below).endswith(SUFFIXES)
            )
        elif path.exists():
            found.append(path)
        else:
            raise CommandError(f"There is no file {path}.", MISUSED)
    return list(dict.fromkeys(found))


def texts(path: Path) -> Iterator[Text]:
    """The texts of a file. Raises CommandError where it cannot be read to its end."""
    try:
        with path.open("rb") as raw:
            for line, text in _texts(path, PACKED.get(path.suffix.lower(), _as_it_is)(raw)):
                yield Text(line, text, raw.tell())
    except (OSError, EOFError) as error:
        raise CommandError(f"{path} cannot be read: {getattr(error, 'strerror', None) or error}.") from error


def _texts(path: Path, unpacked: BinaryIO) -> Iterator[tuple[int, bytes]]:
    sure = _plain(path).endswith(LINES)
    for at, line in enumerate(iter(lambda: unpacked.readline(LONGEST + 1), b""), 1):
        if len(line) <= LONGEST and not line.strip():
            continue
        rest = b"" if sure or len(line) > LONGEST or _whole(line) else unpacked.read(LONGEST + 1)
        sure = True
        if len(line) + len(rest) > LONGEST:
            raise CommandError(f"{path}, line {at}: one text holds more than {LONGEST} octets; split it.")
        yield at, line + rest


def _whole(line: bytes) -> bool:
    """Whether a line is a JSON text by itself, so that its file is NDJSON whatever its name."""
    try:
        return line.rstrip().endswith(b"}") and bool(parse(line))
    except Malformed:
        return False


def _plain(path: Path) -> str:
    """The name without the suffix of its packing."""
    return (path.stem if path.suffix.lower() in PACKED else path.name).lower()
