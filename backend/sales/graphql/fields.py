"""Root fields of sales."""

from typing import Any
from uuid import UUID

import strawberry
from strawberry.extensions import FieldExtension

from backend.core.scopes import Scope
from backend.infra.api.access import Requires
from backend.infra.api.context import Info
from backend.infra.api.results import (
    ErrorPolicy,
    Tally,
    check_batch,
)
from backend.infra.batches import Row
from backend.sales import returns, rules, service
from backend.sales.graphql.inputs import (
    RecordReturnsInput,
    RecordSalesInput,
    ReturnInput,
    SaleInput,
)
from backend.sales.graphql.types import RecordReturnsPayload, RecordSalesPayload, SaleResult

WRITES: list[FieldExtension] = [Requires(Scope.SALES_WRITE)]


@strawberry.type
class Mutation:
    """Root fields."""

    @strawberry.mutation(extensions=WRITES)
    async def record_sales(self, info: Info, input: RecordSalesInput) -> RecordSalesPayload:  # noqa: A002
        """Records sales that happened, from any channel, each once."""
        check_batch(info.context, input.sales, "sales")
        drafts = [_sale_draft(one) for one in input.sales]
        async with info.context.writing() as work:
            rows, made = await service.record_sales(
                work, drafts, all_or_nothing=input.error_policy is ErrorPolicy.REJECT_EVERYTHING
            )
        return RecordSalesPayload(**Tally(rows).counts(), results=_results(rows, made))

    @strawberry.mutation(extensions=WRITES)
    async def record_returns(self, info: Info, input: RecordReturnsInput) -> RecordReturnsPayload:  # noqa: A002
        """Records goods that came back, each return once.

        The sale they belong to stays as it was.
        """
        check_batch(info.context, input.returns, "returns")
        drafts = [_return_draft(one) for one in input.returns]
        async with info.context.writing() as work:
            rows, made = await returns.record_returns(
                work, drafts, all_or_nothing=input.error_policy is ErrorPolicy.REJECT_EVERYTHING
            )
        return RecordReturnsPayload(**Tally(rows).counts(), results=_results(rows, made))


def _results(rows: list[Row[Any]], made: dict[UUID, rules.Sale]) -> list[SaleResult]:
    return [SaleResult.of(row, made.get(row.effect_id)) for row in rows]


def _sale_draft(given: SaleInput) -> rules.SaleDraft:
    return rules.SaleDraft(
        idempotency_key=given.idempotency_key,
        location=given.location,
        channel=given.channel,
        sold_at=given.sold_at,
        sale_type=given.sale_type,
        distributor=given.distributor,
        sold_by=given.sold_by,
        customer=given.customer,
        ship_to=rules.Place(**vars(given.ship_to)) if given.ship_to else None,
        currency=given.currency,
        exchange_rate=given.exchange_rate,
        lines=[rules.LineDraft(**vars(line)) for line in given.lines],
    )


def _return_draft(given: ReturnInput) -> rules.ReturnDraft:
    plain = {name: value for name, value in vars(given).items() if name != "lines"}
    return rules.ReturnDraft(**plain, lines=[rules.LineDraft(**vars(line)) for line in given.lines])
