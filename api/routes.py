"""Every address that is served: the one table of routes."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from starlette.convertors import StringConvertor, register_url_convertor
from starlette.requests import Request
from starlette.routing import Route, Router
from starlette.types import Receive, Scope, Send

from api import capability, health
from api.auth.endpoint import jwks, smart_configuration, token
from api.cds import cds_service, cds_services
from api.endpoint import Interaction, endpoint
from api.endpoint import plain as guarded
from api.interactions.audit import read_audit, search_audit, search_audit_by_post
from api.interactions.bundle import transaction_or_batch
from api.interactions.create import create
from api.interactions.delete import conditional_delete, delete
from api.interactions.history import history, system_history, type_history
from api.interactions.patch import conditional_patch, patch
from api.interactions.published import read_published, search_published
from api.interactions.read import read, vread
from api.interactions.search import (
    search,
    search_all,
    search_all_by_post,
    search_by_post,
    search_compartment,
    search_compartment_by_post,
    search_whole_compartment,
)
from api.interactions.update import conditional_update, update
from api.operations.acknowledge import acknowledge
from api.operations.consumers import ack, consumer_remove, consumer_reset, consumers
from api.operations.dose_check import dose_check, dose_check_by_post
from api.operations.evaluate import evaluate
from api.operations.everything import everything, everything_by_post
from api.operations.lastn import lastn, lastn_by_post
from api.operations.meta import meta, meta_by_post
from api.operations.poll import poll
from api.operations.submit import submit
from api.operations.subscription import (
    subscription_events,
    subscription_events_by_post,
    subscription_status,
    subscription_status_by_post,
    subscription_statuses,
    subscription_statuses_by_post,
)
from api.operations.validate import validate_bundle, validate_kept, validate_new, validate_sent
from models.resource_types import TYPES
from models.resource_types.published import PUBLISHED as READ_ONLY


class Address(NamedTuple):
    """A path below /fhir, and what each method does there; `of_patients` for types of the compartment alone."""

    path: str
    methods: dict[str, Interaction]
    of_patients: bool = False

    @property
    def types(self) -> tuple[str, ...]:
        """The types that stand for a placeholder in the path."""
        of = READ_ONLY if "{published}" in self.path else TYPES
        return tuple(name for name, served in of.items() if served.compartment or not self.of_patients)


CONDITIONAL = {"PUT": conditional_update, "PATCH": conditional_patch, "DELETE": conditional_delete}
FHIR = (
    Address("/_history", {"GET": system_history}),
    Address("/{type}/_history", {"GET": type_history}),
    Address("/{type}/{id}", {"GET": read, "PUT": update, "PATCH": patch, "DELETE": delete}),
    Address("/{type}", {"GET": search, "POST": create, **CONDITIONAL}),
    Address("/{type}/{id}/_history", {"GET": history}),
    Address("/{type}/{id}/_history/{version}", {"GET": vread}),
    Address("/{type}/_search", {"POST": search_by_post}),
    Address("/Patient/{id}/*", {"GET": search_whole_compartment}),
    Address("/Patient/{id}/{type}", {"GET": search_compartment}, of_patients=True),
    Address("/Patient/{id}/{type}/_search", {"POST": search_compartment_by_post}, of_patients=True),
    Address("/{type}/$validate", {"POST": validate_new}),
    Address("/{type}/{id}/$validate", {"GET": validate_kept, "POST": validate_sent}),
    Address("/{type}/{id}/$meta", {"GET": meta, "POST": meta_by_post}),
    Address("/Subscription/{id}/$status", {"GET": subscription_status, "POST": subscription_status_by_post}),
    Address("/Subscription/{id}/$events", {"GET": subscription_events, "POST": subscription_events_by_post}),
    Address("/Observation/$lastn", {"GET": lastn, "POST": lastn_by_post}),
    Address("/Observation/{id}/$acknowledge", {"POST": acknowledge}),
    Address("/Patient/{id}/$dose-check", {"GET": dose_check, "POST": dose_check_by_post}),
    Address("/Patient/{id}/$everything", {"GET": everything, "POST": everything_by_post}),
    Address("", {"GET": search_all, "POST": transaction_or_batch}),
    Address("/", {"GET": search_all, "POST": transaction_or_batch}),
)
NAMED = (
    Address("/metadata", {"GET": capability.metadata}),
    Address("/.well-known/smart-configuration", {"GET": smart_configuration}),
    Address("/_search", {"POST": search_all_by_post}),
    Address("/$evaluate", {"POST": evaluate}),
    Address("/$poll", {"POST": poll}),
    Address("/$ack", {"POST": ack}),
    Address("/$consumers", {"GET": consumers}),
    Address("/$consumer-reset", {"POST": consumer_reset}),
    Address("/$consumer-remove", {"POST": consumer_remove}),
    Address("/Observation/$submit", {"POST": submit}),
    Address("/Subscription/$status", {"GET": subscription_statuses, "POST": subscription_statuses_by_post}),
    Address("/Bundle/$validate", {"POST": validate_bundle}),
    Address("/AuditEvent", {"GET": search_audit}),
    Address("/AuditEvent/_search", {"POST": search_audit_by_post}),
    Address("/AuditEvent/{id}", {"GET": read_audit}),
)
PUBLISHED = (
    Address("/{published}/{id}", {"GET": read_published}),
    Address("/{published}", {"GET": search_published}),
)
CDS = (
    Address("/cds-services", {"GET": cds_services}),
    Address("/cds-services/{service}", {"POST": cds_service}),
)
AUTH = (Address("/auth/token", {"POST": token}), Address("/auth/jwks", {"GET": jwks}))
"""Both outside /fhir."""
PLAIN = {
    "/health": health.health,
    "/health/live": health.live,
    "/health/ready": health.ready,
    "/health/startup": health.startup,
    "/metrics": health.metrics,
}


_NAMES = re.compile(r"{(type|id|published)}")
_READ_ONLY = "|".join(READ_ONLY)


class _Name(StringConvertor):
    """Types and ids; an operation's name, which begins with $, is neither."""

    regex = "[^/$][^/]*"


class _Type(StringConvertor):
    """Types that clients may write, and those that are not served."""

    regex = f"(?!(?:{_READ_ONLY}|AuditEvent)(?:/|$))[^/$][^/]*"


class _Published(StringConvertor):
    """Types that this service alone writes: other methods than GET are no part of their addresses."""

    regex = _READ_ONLY


for _name, _convertor in {"id": _Name(), "type": _Type(), "published": _Published()}.items():
    register_url_convertor(_name, _convertor)


class Fhir(Router):
    """The routes below /fhir: an address without placeholders is found by its name, the others in their order."""

    def __init__(self) -> None:
        super().__init__([*_routes()], redirect_slashes=False)
        self._named = {
            route.path: route for route in self.routes if isinstance(route, Route) and "{" not in route.path
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer; raises HTTPException where no route fits."""
        route = self._named.get(scope["path"])
        if route is None:
            await super().__call__(scope, receive, send)
        else:
            scope.update(route.matches(scope)[1])
            await route.handle(scope, receive, send)


def _routes() -> Iterator[Route]:
    for address in (*FHIR, *NAMED, *PUBLISHED):
        path = _NAMES.sub(r"{\1:\1}", address.path)
        yield Route(f"/fhir{path}", _Methods(address), methods=list(address.methods))


def plain() -> Iterator[Route]:
    """The routes outside /fhir: CDS Hooks, tokens, and those of whoever runs the service."""
    for address in (*CDS, *AUTH):
        yield Route(address.path, _Methods(address), methods=list(address.methods))
    for path, answer in PLAIN.items():
        yield Route(path, guarded(answer), methods=["GET"])


class _Methods:
    """One endpoint an address, so that a wrong method is answered with the whole list of right ones."""

    def __init__(self, address: Address) -> None:
        self._made = {
            method: endpoint(interaction.__name__, interaction)
            for method, interaction in address.methods.items()
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        method = scope["method"]
        response = await self._made["GET" if method == "HEAD" else method](Request(scope, receive))
        await response(scope, receive, send)
