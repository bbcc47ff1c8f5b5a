"""Requests that this service makes."""
