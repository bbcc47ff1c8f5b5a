"""The report of a comparison: one page without scripts, to be read, printed and passed on."""
