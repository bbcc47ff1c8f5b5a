"""A backup as a file: a ZIP of a manifest and the rows of each table, as NDJSON. It is whole, or not there at all."""

import os
import re
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from errno import EINVAL
from hashlib import sha256
from io import BufferedReader
from itertools import islice
from pathlib import Path
from typing import Any, Self, cast
from zipfile import ZIP_DEFLATED, ZipFile

import msgspec

FORMAT = 1
MANIFEST = "manifest.json"
_NAME = re.compile("[a-z][a-z0-9_]*")
"""Tables and columns: what may become part of a statement when a backup is restored."""
_LEVEL = 1
"""The quickest compression: a snapshot is held open for as long as a backup takes."""
_BLOCK = 1 << 20
_MANY = 1_000
_encode = msgspec.json.Encoder()
Row = Sequence[Any]
Told = Callable[[int], None]
"""Called with how many rows more are done."""


class Broken(Exception):
    """A file that is no backup, or no longer what was written."""


class Table(msgspec.Struct, frozen=True):
    """What a backup holds of one table."""

    columns: tuple[str, ...]
    rows: int
    sha256: str


class Manifest(msgspec.Struct, frozen=True):
    """What a backup holds: of which release and shape, as of which change number, and the checksum of each table."""

    format: int
    release: str
    revision: str
    taken: str
    epoch: str
    seq: int
    tables: dict[str, Table]

    @property
    def rows(self) -> int:
        """Rows of all tables."""
        return sum(table.rows for table in self.tables.values())


class Writing:
    """A backup that is being written."""

    def __init__(self, zip: ZipFile) -> None:
        self._zip = zip

    def table(self, name: str, columns: Sequence[str], parts: Iterable[Sequence[Row]], told: Told) -> Table:
        """Write the rows of a table, part by part."""
        checksum, count = sha256(), 0
        with self._zip.open(_member(name), "w", force_zip64=True) as member:
            for part in parts:
                lines = _encode.encode_lines(part)
                checksum.update(lines)
                member.write(lines)
                count += len(part)
                told(len(part))
        return Table(tuple(columns), count, checksum.hexdigest())

    def manifest(self, manifest: Manifest) -> None:
        """Write what it holds, last of all."""
        self._zip.writestr(MANIFEST, msgspec.json.format(_encode.encode(manifest)))


@contextmanager
def writing(path: Path) -> Iterator[Writing]:
    """A file that appears under its name once the block has ended, on the disk, readable by its owner alone."""
    descriptor, partial = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".partial", dir=path.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            with ZipFile(file, "w", ZIP_DEFLATED, compresslevel=_LEVEL) as zip:
                yield Writing(zip)
            file.flush()
            os.fsync(file.fileno())
        Path(partial).replace(path)
        _keep_names(path.parent)
    except BaseException:
        Path(partial).unlink(missing_ok=True)
        raise


def _keep_names(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


class Archive:
    """A backup that is being read. Raises Broken for whatever is not as it was written."""

    def __init__(self, path: Path) -> None:
        with _whole():
            self._zip = ZipFile(path)
            self.manifest = msgspec.json.decode(self._zip.read(MANIFEST), type=Manifest)
        if self.manifest.format != FORMAT:
            raise Broken(f"its format is {self.manifest.format}, and this release reads {FORMAT}")
        for name, table in self.manifest.tables.items():
            if not all(_NAME.fullmatch(word) for word in (name, *table.columns)):
                raise Broken("its manifest names what can be no table or column")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._zip.close()

    def verify(self, told: Told) -> None:
        """Read everything and hold it against the checksums."""
        for name in self.manifest.tables:
            for lines in self._lines(name):
                told(len(lines))

    def rows(self, name: str) -> Iterator[Row]:
        """The rows of a table, held against its checksum once they have all been read."""
        decode = msgspec.json.Decoder(list[Any])
        for lines in self._lines(name):
            with _whole():
                part = decode.decode_lines(b"".join(lines))
            yield from part

    def _lines(self, name: str) -> Iterator[Sequence[bytes]]:
        table, checksum, count = self.manifest.tables[name], sha256(), 0
        with _whole(), self._zip.open(_member(name)) as member:
            file = BufferedReader(cast(Any, member), _BLOCK)
            while lines := [*islice(file, _MANY)]:
                count += len(lines)
                for line in lines:
                    checksum.update(line)
                yield lines
        if (count, checksum.hexdigest()) != (table.rows, table.sha256):
            raise Broken(f"the rows of {name} are not those that were written")


@contextmanager
def _whole() -> Iterator[None]:
    """Whatever a reader of ZIP and JSON says of damaged octets is one answer; what a disk says is another."""
    try:
        yield
    except Exception as error:
        of_the_file = (None, EINVAL)  # EINVAL: it leads to before its beginning
        if isinstance(error, OSError) and error.errno not in of_the_file:
            raise
        raise Broken(
            "it is no whole backup: copy it anew from where it was made, or take an older one"
        ) from error


def _member(table: str) -> str:
    return f"{table}.ndjson"
