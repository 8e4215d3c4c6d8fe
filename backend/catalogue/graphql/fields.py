"""Root fields of the catalogue."""

import strawberry

from backend.catalogue import service as catalogue
from backend.catalogue.graphql.inputs import (
    DistributorFilter,
    DistributorSort,
    ProductFilter,
    ProductSort,
    PromotionFilter,
    PromotionSort,
    UpsertDistributorsInput,
    UpsertProductsInput,
    UpsertPromotionsInput,
)
from backend.catalogue.graphql.payloads import (
    DistributorResult,
    ProductResult,
    PromotionResult,
    UpsertDistributorsPayload,
    UpsertProductsPayload,
    UpsertPromotionsPayload,
)
from backend.catalogue.graphql.types import Category, Distributor, Product, Promotion
from backend.core.scopes import Scope
from backend.infra.api.access import Requires
from backend.infra.api.context import Info
from backend.infra.api.relay import Connection, connect
from backend.infra.api.results import ErrorPolicy, SortDirection, check_batch
from backend.infra.api.scalars import Cursor
from backend.infra.api.upserts import outcome, tally

READS = Requires(Scope.CATALOGUE_READ)
WRITES = Requires(Scope.CATALOGUE_WRITE)


@strawberry.type
class Query:
    """Root fields."""

    @strawberry.field(extensions=[READS])
    async def products(
        self,
        info: Info,
        first: int = 50,
        after: Cursor | None = None,
        filter: ProductFilter | None = None,  # noqa: A002 - the contract's name
        sort: ProductSort | None = None,
    ) -> Connection[Product]:
        """Products, by SKU unless sorted otherwise."""
        sort = sort or ProductSort()
        page = await catalogue.list_products(
            await info.context.reading(),
            (filter or ProductFilter()).criteria(),
            sort.by,
            descending=sort.direction is SortDirection.DESC,
            first=first,
            after=after,
        )
        return connect(page, Product.of)

    @strawberry.field(extensions=[READS])
    async def product(self, info: Info, sku: str) -> Product | None:
        """The product with this SKU; null if there is none."""
        found = await catalogue.find_product(await info.context.reading(), sku)
        return Product.of(found) if found else None

    @strawberry.field(extensions=[READS])
    async def categories(self, info: Info) -> list[Category]:
        """All categories, by name."""
        found = await catalogue.list_categories(await info.context.reading())
        return [Category.of(one) for one in found]

    @strawberry.field(extensions=[READS])
    async def distributors(
        self,
        info: Info,
        first: int = 50,
        after: Cursor | None = None,
        filter: DistributorFilter | None = None,  # noqa: A002 - the contract's name
        sort: DistributorSort | None = None,
    ) -> Connection[Distributor]:
        """Distributors, by code unless sorted otherwise."""
        sort = sort or DistributorSort()
        page = await catalogue.list_distributors(
            await info.context.reading(),
            (filter or DistributorFilter()).criteria(),
            sort.by,
            descending=sort.direction is SortDirection.DESC,
            first=first,
            after=after,
        )
        return connect(page, Distributor.of)

    @strawberry.field(extensions=[READS])
    async def promotions(
        self,
        info: Info,
        first: int = 50,
        after: Cursor | None = None,
        filter: PromotionFilter | None = None,  # noqa: A002 - the contract's name
        sort: PromotionSort | None = None,
    ) -> Connection[Promotion]:
        """Promotions, by their first day unless sorted otherwise."""
        sort = sort or PromotionSort()
        page = await catalogue.list_promotions(
            await info.context.reading(),
            (filter or PromotionFilter()).criteria(),
            sort.by,
            descending=sort.direction is SortDirection.DESC,
            first=first,
            after=after,
        )
        return connect(page, Promotion.of)


@strawberry.type
class Mutation:
    """Root fields."""

    @strawberry.mutation(extensions=[WRITES])
    async def upsert_products(
        self,
        info: Info,
        input: UpsertProductsInput,  # noqa: A002 - the contract's name
    ) -> UpsertProductsPayload:
        """Makes products or changes them, by SKU. The same call twice changes nothing more."""
        check_batch(info.context, input.products, "products")
        async with info.context.writing() as work:
            done = await catalogue.upsert_products(
                work,
                [one.draft() for one in input.products],
                all_or_nothing=input.error_policy is ErrorPolicy.REJECT_EVERYTHING,
            )
        results = [
            ProductResult(sku=row.code, product=Product.of(made) if made else None, **outcome(row))
            for row, made in done
        ]
        return UpsertProductsPayload(results=results, **tally(results))

    @strawberry.mutation(extensions=[WRITES])
    async def upsert_distributors(
        self,
        info: Info,
        input: UpsertDistributorsInput,  # noqa: A002 - the contract's name
    ) -> UpsertDistributorsPayload:
        """Makes distributors or changes them, by code."""
        check_batch(info.context, input.distributors, "distributors")
        async with info.context.writing() as work:
            done = await catalogue.upsert_distributors(
                work,
                [one.draft() for one in input.distributors],
                all_or_nothing=input.error_policy is ErrorPolicy.REJECT_EVERYTHING,
            )
        results = [
            DistributorResult(
                code=row.code, distributor=Distributor.of(made) if made else None, **outcome(row)
            )
            for row, made in done
        ]
        return UpsertDistributorsPayload(results=results, **tally(results))

    @strawberry.mutation(extensions=[WRITES])
    async def upsert_promotions(
        self,
        info: Info,
        input: UpsertPromotionsInput,  # noqa: A002 - the contract's name
    ) -> UpsertPromotionsPayload:
        """Makes promotions or changes them, by code."""
        check_batch(info.context, input.promotions, "promotions")
        async with info.context.writing() as work:
            done = await catalogue.upsert_promotions(
                work,
                [one.draft() for one in input.promotions],
                all_or_nothing=input.error_policy is ErrorPolicy.REJECT_EVERYTHING,
            )
        results = [
            PromotionResult(
                code=row.code, promotion=Promotion.of(made) if made else None, **outcome(row)
            )
            for row, made in done
        ]
        return UpsertPromotionsPayload(results=results, **tally(results))
