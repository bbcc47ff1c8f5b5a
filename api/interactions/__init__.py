"""One file an interaction of the FHIR REST API; the routes are in `api.routes`."""
