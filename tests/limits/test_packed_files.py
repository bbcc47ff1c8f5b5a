"""Packed files that hold far more than they look like."""

import bz2
import gzip
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from api.cli import CommandError
from api.commands import reading


@pytest.mark.parametrize(("suffix", "pack"), [(".gz", gzip.compress), (".bz2", bz2.compress)])
@pytest.mark.parametrize("name", ["one.ndjson", "one.json"])
@pytest.mark.parametrize("text", [b"x" * 5_000, b"{\n" + b"x" * 5_000, b" " * 5_000])
def test_a_text_without_end_is_not_read_to_its_end(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    suffix: str,
    pack: Callable[[bytes], bytes],
    name: str,
    text: bytes,
) -> None:
    monkeypatch.setattr(reading, "LONGEST", 4_000)
    file = tmp_path / f"{name}{suffix}"
    file.write_bytes(pack(text))
    with pytest.raises(CommandError, match="one text holds more than 4000 octets"):
        list(reading.texts(file))


def test_texts_of_the_length_that_is_taken_are_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    line = json.dumps({"resourceType": "Patient"}).encode()
    monkeypatch.setattr(reading, "LONGEST", len(line) + 1)
    file = tmp_path / "many.ndjson.gz"
    file.write_bytes(gzip.compress((line + b"\n\n") * 50))
    assert [text.raw.strip() for text in reading.texts(file)] == [line] * 50
