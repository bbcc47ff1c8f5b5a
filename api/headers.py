"""The headers of a request, looked up often and built once."""

from starlette.requests import Request

_PLACE = "clonidine_watch.headers"


def headers(request: Request) -> dict[str, str]:
    """Headers by lower-case name, of one sent twice the first; Starlette's own walk a list at each look-up."""
    found: dict[str, str] | None = request.scope.get(_PLACE)
    if found is None:
        sent = request.scope["headers"]
        found = {name.decode("latin-1"): value.decode("latin-1") for name, value in reversed(sent)}
        request.scope[_PLACE] = found
    return found
