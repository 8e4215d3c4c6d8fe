"""The short cut for `ingestReads`."""

from operator import attrgetter
from typing import Final

from backend.core.identifiers import InStoreLayouts
from backend.core.scopes import Scope
from backend.devices import ingest
from backend.devices.graphql import read_errors
from backend.devices.rules import IngestDraft
from backend.infra.api.context import Context
from backend.infra.api.hot import ERRORS, Each, HotField, tally_shape
from backend.infra.api.results import Tally, check_batch, row_status


async def _run(context: Context, draft: IngestDraft) -> Tally:
    check_batch(context, draft.reads, "reads")
    in_store = context.service(InStoreLayouts)
    async with context.writing() as work:
        return Tally(await ingest.ingest_reads(work, draft, in_store))


INGEST_READS: Final = HotField(
    name="ingestReads",
    input_type="IngestReadsInput",
    scope=Scope.READS_WRITE,
    draft=IngestDraft,
    rows=attrgetter("reads"),
    run=_run,
    shape=tally_shape(
        {
            "key": attrgetter("key"),
            "status": lambda row: row_status(row).value,
            "userErrors": Each(read_errors, ERRORS),
        }
    ),
)
