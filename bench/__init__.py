"""The measurements of docs/reference/performance.md: ratios to peers and floors, inside one run."""
