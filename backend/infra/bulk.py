"""Rows by the ten thousand: COPY into a temporary table, from which a statement takes them.

COPY straight into a table is refused where row-level security holds.
"""

import io
from collections.abc import Sequence

from backend.infra.work import Work


async def copy(work: Work, table: str, columns: Sequence[str], csv: bytes) -> None:
    """Copy CSV without a header into a temporary table of this transaction.

    Empty unquoted fields are null.
    """
    connection = work.tx._connection  # noqa: SLF001 - Tortoise has no COPY
    await connection.copy_to_table(table, source=io.BytesIO(csv), columns=columns, format="csv")
