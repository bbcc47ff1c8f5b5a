"""The edge: HTTP, command line, settings and the clock."""
