"""Patches: changes of a resource told as operations (https://hl7.org/fhir/R4/http.html#patch)."""
