"""The record of one patient as a value: facts lifted from FHIR, courses of treatment, baselines."""
