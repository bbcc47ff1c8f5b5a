"""Who asks: bearer tokens held against the keys of their issuers, of which this service can be one itself."""
