"""Search parameters at work: what a resource is found by, what a query asks."""
