"""The short cut for `recordSales`. Of the sale itself it answers the id only."""

from operator import attrgetter
from typing import Final

from backend.core.drafts import Draft
from backend.core.scopes import Scope
from backend.infra.api.context import Context
from backend.infra.api.hot import ERRORS, Each, HotField, One, tally_shape
from backend.infra.api.results import ErrorPolicy, Tally, check_batch, row_errors, row_status
from backend.sales import service
from backend.sales.rules import SaleDraft


class RecordSalesDraft(Draft, frozen=True, kw_only=True):
    """The input of `recordSales`."""

    sales: list[SaleDraft]
    error_policy: ErrorPolicy = ErrorPolicy.REJECT_FAILED_ROWS


async def _run(context: Context, draft: RecordSalesDraft) -> Tally:
    check_batch(context, draft.sales, "sales")
    all_or_nothing = draft.error_policy is ErrorPolicy.REJECT_EVERYTHING
    async with context.writing() as work:
        rows, _ = await service.record_sales(work, draft.sales, all_or_nothing=all_or_nothing)
    return Tally(rows)


RECORD_SALES: Final = HotField(
    name="recordSales",
    input_type="RecordSalesInput",
    scope=Scope.SALES_WRITE,
    draft=RecordSalesDraft,
    rows=attrgetter("sales"),
    run=_run,
    shape=tally_shape(
        {
            "idempotencyKey": attrgetter("key"),
            "status": lambda row: row_status(row).value,
            "userErrors": Each(row_errors, ERRORS),
            "sale": One(
                lambda row: None if row.error else row, {"id": lambda row: str(row.effect_id)}
            ),
        }
    ),
)
