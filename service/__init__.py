"""What the service does: intake, record, rules, alerts. No HTTP, no SQL, no clock, no environment."""
