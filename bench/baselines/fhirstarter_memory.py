"""fhirstarter with a dictionary for a database: what the framework costs, with nothing stored."""

from collections import defaultdict
from uuid import uuid4

from fhir.resources.R4B.bundle import Bundle
from fhir.resources.R4B.observation import Observation
from fhirstarter import FHIRProvider, FHIRStarter, InteractionContext
from fhirstarter.exceptions import FHIRResourceNotFoundError

BY_ID: dict[str, Observation] = {}
BY_PATIENT: dict[str, list[Observation]] = defaultdict(list)

provider = FHIRProvider()


@provider.create(Observation)
async def create(context: InteractionContext, resource: Observation) -> str:
    resource.id = str(uuid4())
    BY_ID[resource.id] = resource
    BY_PATIENT[str(resource.subject and resource.subject.reference)].append(resource)
    return str(resource.id)


@provider.read(Observation)
async def read(context: InteractionContext, id_: str) -> Observation:
    if found := BY_ID.get(id_):
        return found
    raise FHIRResourceNotFoundError


@provider.search_type(Observation)
async def search(context: InteractionContext, patient: str | None) -> Bundle:
    found = BY_PATIENT[patient or ""][:20]
    return Bundle(type="searchset", entry=[{"resource": resource} for resource in found])


app = FHIRStarter()
app.add_providers(provider)
