"""May the next dose be given? One answer, for `$dose-check` and for the cards of CDS Hooks."""
