"""Telling others of changes: Subscriptions, their requests, their positions."""
