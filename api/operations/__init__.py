"""One file an operation of this service ($submit, $evaluate)."""
