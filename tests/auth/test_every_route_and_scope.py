"""The table of permissions names everything that is served, and each row is kept: every route under every scope."""

from collections.abc import Iterator
from itertools import product
from typing import Any, NamedTuple

import httpx
import pytest
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from api.access import NEEDS, Need, authorize
from api.app import create_app
from api.pages import routes as pages
from api.routes import AUTH, CDS, FHIR, NAMED, PLAIN, PUBLISHED
from api.settings import settings
from models.access.permissions import LETTERS
from models.access.scopes import AUDIT
from models.errors import Forbidden
from models.resource_types import TYPES
from tests.auth.flow import SMART, Ward
from tests.template import settled

FILLED = {
    "{id}": "x1",
    "{version}": "1",
    "{published}": "PlanDefinition",
    "{service}": "clonidine-dose-check",
}
FORMS = ("_search", "/auth/token")


class Asked(NamedTuple):
    """A request that a route serves, the interaction that answers it, and the type in its path."""

    method: str
    path: str
    name: str
    type: str


def asked() -> Iterator[Asked]:
    """A request for every method of every address; of those with a type in the path one for each of two types."""
    for address in (*NAMED, *FHIR, *PUBLISHED, *CDS, *AUTH):
        root = "" if address in (*CDS, *AUTH) else "/fhir"
        types = (
            [type for type in ("Observation", "Goal") if type in address.types]
            if "{type}" in address.path
            else [""]
        )
        for type, (method, interaction) in product(types, address.methods.items()):
            path = f"{root}{address.path}".replace("{type}", type)
            for name, value in FILLED.items():
                path = path.replace(name, value)
            yield Asked(method, path, interaction.__name__, type)


ASKED = [*asked()]


def send(client: httpx.Client, one: Asked, headers: dict[str, str]) -> int:
    form = "application/x-www-form-urlencoded" if one.path.endswith(FORMS) else "application/fhir+json"
    content = "" if one.method in ("GET", "DELETE") or one.path.endswith(FORMS) else "{}"
    given = {"Content-Type": form, **headers}
    return client.request(one.method, one.path, headers=given, content=content).status_code


def test_everything_that_is_served_stands_in_the_table() -> None:
    """Whoever adds an interaction has to say who may do it."""
    served = {one.name for one in ASKED} | {answer.__name__ for answer in PLAIN.values()}
    served |= {route.endpoint.__name__ for route in pages()}
    assert served == set(NEEDS)


def test_no_route_goes_round_the_table(sqlite_url: str) -> None:
    app: Any = create_app(settings({}, database_url=sqlite_url))
    routes = [route for route in (*app.router.routes, *app._fhir.routes) if isinstance(route, Route)]
    assert len(routes) == len(app.router.routes) + len(app._fhir.routes)
    unnamed = [route.path for route in routes if getattr(route.endpoint, "__name__", "") not in ("", *NEEDS)]
    assert unnamed == []


def test_a_row_asks_for_what_there_is() -> None:
    for need in NEEDS.values():
        assert set(need.letters) <= LETTERS.keys()
        assert set(need.types) <= {*TYPES, AUDIT}


def test_without_a_token_all_but_the_open_ones_are_refused(sqlite_ward: Ward) -> None:
    given = {one: send(sqlite_ward.client, one, {}) == 401 for one in ASKED if one.name != "token"}
    assert given == {one: not NEEDS[one.name].open for one in given}
    assert all(
        sqlite_ward.client.get(path).status_code == 200 for path in ("/", "/docs", "/openapi.json", *PLAIN)
    )


SCOPES = [f"system/{type}.{letter}" for type in ("Observation", "Goal", "*") for letter in LETTERS]
SCOPES += [f"system/{AUDIT}.{letter}" for letter in "rs"]


def suffices(need: Need, type: str, scope: str) -> bool:
    """What the table means, said once more in the plainest way, for a scope of one letter."""
    of, letter = scope.removeprefix("system/").split(".")
    if need.open or not need.letters:
        return True
    if need.some:
        return need.letters == letter and of != AUDIT
    anything = "" if AUDIT in need.types else "*"
    return set(need.letters) == {letter} and all(of in (anything, one) for one in need.types or (type,))


@pytest.mark.parametrize("scope", SCOPES)
def test_every_route_under_a_scope_of_one_letter(sqlite_ward: Ward, scope: str) -> None:
    headers = sqlite_ward.headers(scope)
    given = {one: send(sqlite_ward.client, one, headers) == 403 for one in ASKED if one.name != "token"}
    wrong = [one for one, refused in given.items() if refused == suffices(NEEDS[one.name], one.type, scope)]
    assert wrong == []


def test_every_route_is_reached_by_who_may_do_everything(sqlite_ward: Ward) -> None:
    headers = sqlite_ward.headers("system/*.cruds", f"system/{AUDIT}.rs")
    assert not [
        one
        for one in ASKED
        if send(sqlite_ward.client, one, headers) in (401, 403, 500) and one.name != "token"
    ]


@pytest.mark.parametrize(
    "scope",
    [
        "patient/*.cruds",
        "user/*.cruds",
        "openid",
        "system/Encounter.rs",
        "system/*",
        "system/AuditEvent.cruds",
    ],
)
def test_a_scope_of_another_kind_allows_nothing(sqlite_ward: Ward, scope: str) -> None:
    headers = sqlite_ward.headers(scope)
    needing = [one for one in ASKED if NEEDS[one.name].letters]
    assert {send(sqlite_ward.client, one, headers) for one in needing} == {403}


async def an_operation_that_somebody_forgot(request: Request) -> Response:
    return Response()


def test_what_does_not_stand_in_the_table_is_refused(sqlite_url: str) -> None:
    import asyncio

    async def ask() -> None:
        app = create_app(settings({}, database_url=sqlite_url, **SMART))
        async with app.router.lifespan_context(app):
            scope = {"type": "http", "app": app, "headers": [], "path_params": {}}
            with pytest.raises(Forbidden, match="is not in the table"):
                await authorize(Request(scope), an_operation_that_somebody_forgot.__name__)

    settled(sqlite_url).dispose()
    asyncio.run(ask())
