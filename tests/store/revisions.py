"""The migrations that there are."""

from tests.conftest import ROOT

NEWEST = max(file.name for file in (ROOT / "models/store/migrations/versions").glob("[0-9]*.py"))[:4]
"""The revision of a database in the shape of this release."""
