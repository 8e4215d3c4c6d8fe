"""Customers as clients see them."""

from datetime import datetime
from typing import Self
from uuid import UUID

import strawberry
from strawberry import UNSET

from backend.core.scopes import Scope
from backend.customers import loaders, service
from backend.customers.rules import CustomerDetail, CustomerDraft, Personal
from backend.customers.service import CustomerCriteria, CustomerOrder
from backend.infra.api.access import Requires
from backend.infra.api.context import Info
from backend.infra.api.declared import seen_with
from backend.infra.api.described import enum_type, input_type, object_type
from backend.infra.api.inputs import given
from backend.infra.api.relay import Connection, connect
from backend.infra.api.results import (
    ErrorPolicy,
    RowStatus,
    SortDirection,
    UserError,
    check_batch,
)
from backend.infra.api.scalars import Cursor
from backend.infra.api.upserts import outcome, tally

READS = Requires(Scope.CUSTOMERS_READ)

enum_type(CustomerOrder)


@seen_with(Scope.CUSTOMERS_READ)
@object_type
class Customer:
    """A customer under a pseudonym; what names the person is decrypted when asked for."""

    id: strawberry.ID
    """The pseudonym: all that sales and events know."""
    segment: str | None
    """The retailer's own segment."""
    created_at: datetime
    """When the customer was first met."""
    updated_at: datetime
    """When it last changed."""

    @strawberry.field(extensions=[READS])
    async def name(self, info: Info) -> str | None:
        """The person's name; null if unknown or erased."""
        return (await self._personal(info)).name

    @strawberry.field(extensions=[READS])
    async def email(self, info: Info) -> str | None:
        """The person's e-mail address; null if unknown or erased."""
        return (await self._personal(info)).email

    @strawberry.field(extensions=[READS])
    async def phone(self, info: Info) -> str | None:
        """The person's telephone number; null if unknown or erased."""
        return (await self._personal(info)).phone

    @strawberry.field(extensions=[READS])
    async def address(self, info: Info) -> str | None:
        """The person's postal address; null if unknown or erased."""
        return (await self._personal(info)).address

    @classmethod
    def of(cls, detail: CustomerDetail) -> Self:
        """Return a customer as clients see it."""
        return cls(
            id=strawberry.ID(str(detail.ref.id)),
            segment=detail.ref.segment,
            created_at=detail.created_at,
            updated_at=detail.updated_at,
        )

    async def _personal(self, info: Info) -> Personal:
        return await info.context.loader(loaders.personal_data).load(UUID(self.id))


@input_type
class CustomerFilter:
    """Which customers; what is left out does not limit."""

    segments: list[str] | None = None
    """Only of these segments."""
    references: list[str] | None = None
    """Only those the shop knows by these references."""

    def criteria(self) -> CustomerCriteria:
        """Return the filter as the service takes it."""
        return CustomerCriteria(
            segments=None if self.segments is None else tuple(self.segments),
            references=None if self.references is None else tuple(self.references),
        )


@input_type
class CustomerSort:
    """How customers are sorted."""

    by: CustomerOrder = CustomerOrder.CREATED_AT
    """By what."""
    direction: SortDirection = SortDirection.DESC
    """Which end first."""


@input_type
class CustomerInput:
    """A customer to make or change, by reference. What is left out stays; null clears."""

    reference: str
    """What the shop knows the customer by. It is not kept, only recognised."""
    segment: str | None = UNSET
    """The retailer's own segment."""
    name: str | None = UNSET
    """The person's name."""
    email: str | None = UNSET
    """The person's e-mail address."""
    phone: str | None = UNSET
    """The person's telephone number."""
    address: str | None = UNSET
    """The person's postal address."""

    def draft(self) -> CustomerDraft:
        """Return the input as the service takes it."""
        return CustomerDraft(**given(self))


@input_type
class UpsertCustomersInput:
    """Customers to make or change."""

    customers: list[CustomerInput]
    """At most 500."""
    error_policy: ErrorPolicy = ErrorPolicy.REJECT_FAILED_ROWS
    """What happens to the others when one is rejected."""


@seen_with(Scope.CUSTOMERS_WRITE)
@object_type
class CustomerResult:
    """What became of one customer."""

    reference: str
    """The reference, as sent."""
    status: RowStatus
    """ACCEPTED also where it was as sent already."""
    customer: Customer | None
    """The customer as it is now; null if rejected."""
    user_errors: list[UserError]
    """Why it was rejected."""


@seen_with(Scope.CUSTOMERS_WRITE)
@object_type
class UpsertCustomersPayload:
    """What became of the customers."""

    accepted_count: int
    """Customers that are now as sent."""
    rejected_count: int
    """Customers left as they were."""
    results: list[CustomerResult]
    """One per row, in order."""


@strawberry.type
class Query:
    """Root fields."""

    @strawberry.field(extensions=[READS])
    async def customers(
        self,
        info: Info,
        first: int = 50,
        after: Cursor | None = None,
        filter: CustomerFilter | None = None,  # noqa: A002 - the contract's name
        sort: CustomerSort | None = None,
    ) -> Connection[Customer]:
        """Customers, newest first unless sorted otherwise."""
        sort = sort or CustomerSort()
        page = await service.list_customers(
            await info.context.reading(),
            (filter or CustomerFilter()).criteria(),
            sort.by,
            descending=sort.direction is SortDirection.DESC,
            first=first,
            after=after,
        )
        return connect(page, Customer.of)


@strawberry.type
class Mutation:
    """Root fields."""

    @strawberry.mutation(extensions=[Requires(Scope.CUSTOMERS_WRITE)])
    async def upsert_customers(
        self,
        info: Info,
        input: UpsertCustomersInput,  # noqa: A002 - the contract's name
    ) -> UpsertCustomersPayload:
        """Makes customers or changes them, by reference."""
        check_batch(info.context, input.customers, "customers")
        async with info.context.writing() as work:
            done = await service.upsert_customers(
                work,
                [one.draft() for one in input.customers],
                all_or_nothing=input.error_policy is ErrorPolicy.REJECT_EVERYTHING,
            )
        results = [
            CustomerResult(
                reference=row.code, customer=Customer.of(made) if made else None, **outcome(row)
            )
            for row, made in done
        ]
        return UpsertCustomersPayload(results=results, **tally(results))
