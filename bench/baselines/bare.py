"""FastAPI alone: a route that returns bytes it holds. The floor of every read."""

from fastapi import FastAPI, Response

from bench import ward

app = FastAPI()
STORED = ward.body(ward.panel("ward-0001", ward.EXAMPLE, ward.PRESSURES[0]))


@app.get("/Observation/{id}")
async def read(id: str) -> Response:
    return Response(STORED, media_type="application/fhir+json")
