"""`backup`: everything that a database holds, as of one moment, as one file."""

from argparse import Namespace
from pathlib import Path

from api.capability import VERSION
from api.cli import CommandError
from api.clock import now
from api.commands.database import explained, shown
from api.commands.progress import Progress
from api.settings import Settings
from models.store.backup import OtherShape, backup, size


def run(given: Namespace, settings: Settings) -> int:
    """Write it, and tell what is in it."""
    path, url = Path(given.file), settings.database_url
    if path.exists():
        raise CommandError(f"{path} is there already; name a file that is not.")
    taken = now().isoformat(timespec="seconds")
    try:
        with explained(url), Progress(size(url), " rows", "rows") as progress:
            made = backup(url, path, VERSION, taken, progress.more)
    except OtherShape as error:
        raise CommandError(
            f"{shown(url)} has another release's shape: back it up with that release, or run `clonidine-watch migrate`."
        ) from error
    except OSError as error:
        raise CommandError(f"{path} cannot be written: {error.strerror}. No half of it is left.") from error
    versions = made.tables["version"].rows
    print(f"{path}: {versions:,} versions of resources, {path.stat().st_size:,} octets, as of {taken}.")
    print("It holds patient data in plain text: keep it as you keep the database.")
    return 0
