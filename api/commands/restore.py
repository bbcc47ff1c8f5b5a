"""`restore`: what `backup` wrote, in the place of a database."""

from argparse import Namespace
from pathlib import Path

from api.cli import CommandError
from api.clock import new_epoch
from api.commands.database import explained, shown
from api.commands.progress import Progress
from api.settings import Settings
from models.store.archive import Archive, Broken
from models.store.restore import NotEmpty, Unknown, restore
from models.store.soundness import writable


def run(given: Namespace, settings: Settings) -> int:
    """Verify the file, put it into the database, and tell what everybody has to do then."""
    path, url = Path(given.file), settings.database_url
    try:
        with (
            Archive(path) as archive,
            Progress(2 * archive.manifest.rows, " rows", "rows read") as progress,
            explained(url),
        ):
            writable(url)
            restore(url, archive, new_epoch(), given.replace, progress.more)
    except Broken as error:
        raise CommandError(f"{path} cannot be restored: {error}. The database is as it was.") from error
    except OSError as error:
        raise CommandError(f"{path} cannot be read: {error.strerror}.") from error
    except NotEmpty as error:
        raise CommandError(
            f"{shown(url)} holds resources, and they would be lost: name an empty database, or give --replace."
        ) from error
    except Unknown as error:
        raise CommandError(f"{path} cannot be restored: {error}. Use that release.") from error
    made = archive.manifest
    print(f"Restored {made.tables['version'].rows:,} versions of resources, as of {made.taken}.")
    print(
        "What was sent after that is gone: have it sent again. Cursors from before are answered 410: pollers start "
        "again with _lastUpdated=gt and a time before the backup."
    )
    return 0
