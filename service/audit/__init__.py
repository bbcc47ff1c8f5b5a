"""Who has seen or changed what, as AuditEvents after the patterns of IHE BALP."""
