"""Sorted sequences and mappings that share what did not change.

A record is a value: each write makes a new one. Copying 20,000 facts a write would cost more than judging
them, so a sequence is kept in blocks and a mapping in buckets, and a change copies one of them.
"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from datetime import datetime
from operator import attrgetter
from typing import Generic, Protocol, TypeVar

from service.record.facts import Key

_BLOCK = 128
_BUCKETS = 64


class Timed(Protocol):
    """What has a place in time."""

    @property
    def at(self) -> datetime: ...

    @property
    def key(self) -> Key: ...


T = TypeVar("T", bound=Timed)
V = TypeVar("V")
_at = attrgetter("at")
_key = attrgetter("key")


def _place(block: tuple[Timed, ...], key: Key) -> int:
    """Where `key` is, or belongs: by time first, which is quick to compare."""
    at = key[0]
    place = bisect_left(block, at, key=_at)
    while place < len(block) and block[place].at == at and block[place].key < key:
        place += 1
    return place


def _first(block: tuple[Timed, ...]) -> Key:
    return block[0].key


class Timeline(Generic[T]):
    """An immutable sequence sorted by key; keys are unique."""

    __slots__ = ("_blocks", "last")

    def __init__(self, blocks: tuple[tuple[T, ...], ...] = ()) -> None:
        self._blocks = blocks
        self.last: Key | None = blocks[-1][-1].key if blocks else None

    @classmethod
    def of(cls, items: Iterable[T]) -> "Timeline[T]":
        ordered = sorted(items, key=_key)
        return cls(tuple(tuple(ordered[i : i + _BLOCK]) for i in range(0, len(ordered), _BLOCK)))

    def __iter__(self) -> Iterator[T]:
        for block in self._blocks:
            yield from block

    def __len__(self) -> int:
        return sum(map(len, self._blocks))

    def __bool__(self) -> bool:
        return bool(self._blocks)

    def insert(self, item: T) -> "Timeline[T]":
        """With `item`, in the place of another that has its key."""
        if self.last is None:
            return Timeline(((item,),))
        key = item.key
        if self.last < key:
            return self._with(len(self._blocks) - 1, (*self._blocks[-1], item))
        number = self._block(key)
        block = self._blocks[number]
        place = _place(block, key)
        kept = place + (place < len(block) and block[place].key == key)
        return self._with(number, (*block[:place], item, *block[kept:]))

    def remove(self, key: Key) -> "Timeline[T]":
        """Without the item of `key`, if there is one."""
        if not self._blocks:
            return self
        number = self._block(key)
        block = self._blocks[number]
        place = _place(block, key)
        if place == len(block) or block[place].key != key:
            return self
        return self._with(number, block[:place] + block[place + 1 :])

    def since(self, key: Key) -> Iterator[T]:
        """Items from `key` on, oldest first."""
        if self.last is None or self.last < key:
            return
        number = self._block(key)
        block = self._blocks[number]
        yield from block[_place(block, key) :]
        for later in self._blocks[number + 1 :]:
            yield from later

    def before(self, key: Key) -> Iterator[T]:
        """Items older than `key`, newest first."""
        if not self._blocks:
            return
        number = self._block(key)
        block = self._blocks[number]
        for place in range(_place(block, key) - 1, -1, -1):
            yield block[place]
        for earlier in reversed(self._blocks[:number]):
            yield from reversed(earlier)

    def _block(self, key: Key) -> int:
        """The number of the block that holds, or would take, `key`."""
        if len(self._blocks) == 1:
            return 0
        if self._blocks[-1][0].key <= key:
            return len(self._blocks) - 1
        number = bisect_left(self._blocks, key, key=_first)
        exact = number < len(self._blocks) and self._blocks[number][0].key == key
        return number if exact else max(number - 1, 0)

    def _with(self, number: int, block: tuple[T, ...]) -> "Timeline[T]":
        new: tuple[tuple[T, ...], ...] = (block,) if block else ()
        if len(block) > 2 * _BLOCK:
            new = (block[:_BLOCK], block[_BLOCK:])
        return Timeline(self._blocks[:number] + new + self._blocks[number + 1 :])


class Index(Generic[V]):
    """An immutable mapping from text."""

    __slots__ = ("_buckets", "_size")

    def __init__(self, buckets: tuple[dict[str, V], ...] = ({},) * _BUCKETS, size: int = 0) -> None:
        self._buckets = buckets
        self._size = size

    @classmethod
    def of(cls, items: Iterable[tuple[str, V]]) -> "Index[V]":
        buckets: list[dict[str, V]] = [{} for _ in range(_BUCKETS)]
        for key, value in items:
            buckets[hash(key) % _BUCKETS][key] = value
        return cls(tuple(buckets), sum(map(len, buckets)))

    def __len__(self) -> int:
        return self._size

    def __iter__(self) -> Iterator[str]:
        for bucket in self._buckets:
            yield from bucket

    def get(self, key: str) -> V | None:
        return self._buckets[hash(key) % _BUCKETS].get(key)

    def values(self) -> Iterator[V]:
        for bucket in self._buckets:
            yield from bucket.values()

    def put(self, key: str, value: V) -> "Index[V]":
        bucket = dict(self._buckets[hash(key) % _BUCKETS])
        bucket[key] = value
        return self._with(hash(key) % _BUCKETS, bucket)

    def drop(self, key: str) -> "Index[V]":
        """Without `key`, which need not be there."""
        bucket = dict(self._buckets[hash(key) % _BUCKETS])
        bucket.pop(key, None)
        return self._with(hash(key) % _BUCKETS, bucket)

    def _with(self, number: int, bucket: dict[str, V]) -> "Index[V]":
        buckets = list(self._buckets)
        grown = len(bucket) - len(buckets[number])
        buckets[number] = bucket
        return Index(tuple(buckets), self._size + grown)
