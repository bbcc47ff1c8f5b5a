"""What is kept and what words mean: FHIR types, validation, search parameters, tables, SQL."""
