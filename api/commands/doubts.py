"""What does not keep the service from starting and should be mended all the same."""

from collections.abc import Iterator

from api.clock import now
from api.settings import PREFIX, Settings
from models.store.soundness import newest
from models.times import micros

SECONDS = 60
"""A clock that is as far behind the newest change is wrong: other machines differ by less."""


def clock(settings: Settings) -> Iterator[str]:
    """Whether time has gone on since the newest change; asks the migrated database."""
    behind = (newest(settings.database_url) - micros(now())) / 1_000_000
    if behind > SECONDS:
        yield (
            f"This machine's clock is {behind:,.0f} s behind the newest change in the database, so rules about time "
            "judge wrongly: set it, and keep it set by NTP (chrony, systemd-timesyncd)."
        )


def workers(settings: Settings) -> Iterator[str]:
    """Whether the processes can work beside each other."""
    if settings.workers > 1 and settings.database_url.startswith("sqlite"):
        yield (
            f"{PREFIX}WORKERS={settings.workers} on SQLite, which has a single writer: take 1, or PostgreSQL "
            "where one is too slow."
        )
