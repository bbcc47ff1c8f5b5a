"""FHIR R4 documents: reading them without loss, holding them against the specification."""
