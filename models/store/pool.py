"""Reading from PostgreSQL: a pool of connections."""

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

import psycopg
from psycopg_pool import AsyncConnectionPool, PoolTimeout

from models.errors import Unavailable
from models.store.reader import MOST_SECONDS, SILENT, Row, too_costly

AGAIN_SECONDS = 2.0
"""How long the pool waits longer and longer for a database that is away; then it begins anew, at the next statement."""


class PostgreSQLReader:
    """A pool of connections in autocommit."""

    def __init__(self, conninfo: str) -> None:
        limit = f"-c statement_timeout={int(MOST_SECONDS * 1000)}"
        self._pool = AsyncConnectionPool(
            conninfo,
            min_size=1,
            max_size=8,
            open=False,
            timeout=10,
            reconnect_timeout=AGAIN_SECONDS,
            kwargs={"autocommit": True, "options": limit},
        )

    async def open(self) -> None:
        """Connect."""
        await self._pool.open()

    async def close(self) -> None:
        """Let go of every connection."""
        await self._pool.close()

    async def rows(self, sql: str, args: Mapping[str, Any]) -> Sequence[Row]:
        """All rows of a statement."""
        try:
            async with self._pool.connection() as connection:
                cursor = await connection.execute(_pyformat(sql), args)
                return await cursor.fetchall()
        except psycopg.errors.QueryCanceled as error:
            raise too_costly() from error
        except (psycopg.OperationalError, PoolTimeout) as error:
            raise Unavailable(SILENT) from error


@lru_cache(maxsize=1000)
def _pyformat(sql: str) -> str:
    return re.sub(r"(?<!:):([a-z]\w*)", r"%(\1)s", sql.replace("%", "%%"))
