"""Bodies that this process holds at once: what they may take together, whoever sends them.

One body is bounded, and so are connections; their product is more than a machine has.
"""

from starlette.requests import Request

from models.errors import Unavailable

AT_ONCE = 8
"""Bodies of the largest size that are held at once, or more smaller ones."""
SMALL = 64 * 1024
"""Octets of a body that is always taken, so that large ones keep no reading waiting: connections bound these."""
_HELD = "clonidine_watch.held"
_FULL = (
    "The bodies that are being received and worked on take all the room that there is; send this one again, or in "
    "smaller Bundles."
)


class Bodies:
    """The room that is left, in octets."""

    def __init__(self, largest: int) -> None:
        self._left = AT_ONCE * largest

    def hold(self, request: Request, size: int) -> None:
        """Have room for a body that has grown to that size. Raises Unavailable."""
        if size <= SMALL:
            return
        more = size - request.scope.get(_HELD, 0)
        if more > self._left:
            raise Unavailable(_FULL)
        self._left -= more
        request.scope[_HELD] = size

    def release(self, request: Request) -> None:
        """The request was answered."""
        self._left += request.scope.pop(_HELD, 0)
