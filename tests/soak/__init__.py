"""Everything at once, for as long as is asked: `make soak SECONDS=180 SEED=1`; short ones are in tests/delivery."""
