"""What an operation of our own is: its parameters, in and out."""

from typing import NamedTuple


class Parameter(NamedTuple):
    """What goes in or comes out; `type` "" where it has `parts` instead."""

    name: str
    use: str
    type: str
    about: str
    minimum: int = 1
    maximum: str = "1"
    parts: tuple["Parameter", ...] = ()


class Defined(NamedTuple):
    """An operation; `resource` is the type that it is asked at, "" for the system, of an instance of the type where
    `instance` says so. `keeps`: it changes what is kept."""

    code: str
    title: str
    about: str
    resource: str
    keeps: bool
    parameters: tuple[Parameter, ...]
    instance: bool = False


def out(
    name: str, type: str, about: str, minimum: int = 0, maximum: str = "1", *parts: Parameter
) -> Parameter:
    return Parameter(name, "out", type, about, minimum, maximum, parts)
