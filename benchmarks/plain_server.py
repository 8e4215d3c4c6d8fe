"""Program: a sales server as one writes it first, with Strawberry and Tortoise and no more.

What it leaves out (tokens, organisations, idempotency, events, alerts) makes it faster, not slower.
"""

import argparse
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import datetime
from decimal import Decimal
from typing import Any

import strawberry
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from strawberry.asgi import GraphQL
from tortoise import Tortoise, fields
from tortoise.models import Model
from tortoise.transactions import in_transaction

from benchmarks.retailer import PLACES, PLENTY, PRODUCTS, place, sku


class Product(Model):
    """Something that is sold."""

    id = fields.UUIDField(primary_key=True)
    sku = fields.CharField(max_length=50, unique=True)
    price = fields.DecimalField(max_digits=20, decimal_places=4)
    cost = fields.DecimalField(max_digits=20, decimal_places=4)


class Location(Model):
    """Where it is sold."""

    id = fields.UUIDField(primary_key=True)
    code = fields.CharField(max_length=50, unique=True)


class Sale(Model):
    """A sale."""

    id = fields.UUIDField(primary_key=True)
    key = fields.CharField(max_length=100, unique=True)
    location: fields.ForeignKeyRelation[Location] = fields.ForeignKeyField("plain.Location")
    channel = fields.CharField(max_length=20)
    sold_at = fields.DatetimeField()


class SaleLine(Model):
    """A line of a sale."""

    id = fields.UUIDField(primary_key=True)
    sale: fields.ForeignKeyRelation[Sale] = fields.ForeignKeyField("plain.Sale")
    product: fields.ForeignKeyRelation[Product] = fields.ForeignKeyField("plain.Product")
    quantity = fields.DecimalField(max_digits=20, decimal_places=4)
    price = fields.DecimalField(max_digits=20, decimal_places=4)
    cost = fields.DecimalField(max_digits=20, decimal_places=4)


class StockMovement(Model):
    """A change of stock."""

    id = fields.UUIDField(primary_key=True)
    location: fields.ForeignKeyRelation[Location] = fields.ForeignKeyField("plain.Location")
    product: fields.ForeignKeyRelation[Product] = fields.ForeignKeyField("plain.Product")
    quantity = fields.DecimalField(max_digits=20, decimal_places=4)
    reason = fields.CharField(max_length=20)
    occurred_at = fields.DatetimeField()


class StockLevel(Model):
    """What is where."""

    id = fields.UUIDField(primary_key=True)
    location: fields.ForeignKeyRelation[Location] = fields.ForeignKeyField("plain.Location")
    product: fields.ForeignKeyRelation[Product] = fields.ForeignKeyField("plain.Product")
    on_hand = fields.DecimalField(max_digits=20, decimal_places=4)

    class Meta(Model.Meta):
        """One level per location and product."""

        unique_together = (("location", "product"),)


@strawberry.input
class LineInput:
    """A line as sent."""

    sku: str
    quantity: Decimal


@strawberry.input
class SaleInput:
    """A sale as sent."""

    idempotency_key: str
    location: str
    channel: str
    sold_at: datetime
    lines: list[LineInput]


@strawberry.type
class RecordedSale:
    """The answer."""

    id: strawberry.ID
    idempotency_key: str
    status: str


@strawberry.type
class Query:
    """GraphQL asks for one."""

    @strawberry.field
    def version(self) -> str:
        """Return something."""
        return "plain"


@strawberry.type
class Mutation:
    """What is measured."""

    @strawberry.mutation
    async def record_sale(self, sale: SaleInput) -> RecordedSale:
        """Record a sale with its lines and take them off the stock."""
        async with in_transaction() as tx:
            location = await Location.get(code=sale.location, using_db=tx)
            stored = await Sale.create(
                key=sale.idempotency_key,
                location=location,
                channel=sale.channel,
                sold_at=sale.sold_at,
                using_db=tx,
            )
            for line in sale.lines:
                await _sell(tx, stored, location, line)
        return RecordedSale(
            id=strawberry.ID(str(stored.id)), idempotency_key=stored.key, status="ACCEPTED"
        )


async def _sell(tx: Any, sale: Sale, location: Location, line: LineInput) -> None:
    product = await Product.get(sku=line.sku, using_db=tx)
    await SaleLine.create(
        sale=sale,
        product=product,
        quantity=line.quantity,
        price=product.price,
        cost=product.cost,
        using_db=tx,
    )
    await StockMovement.create(
        location=location,
        product=product,
        quantity=-line.quantity,
        reason="SALE",
        occurred_at=sale.sold_at,
        using_db=tx,
    )
    level = (
        await StockLevel.select_for_update().using_db(tx).get(location=location, product=product)
    )
    level.on_hand -= line.quantity
    await level.save(using_db=tx)


async def _fill() -> None:
    products = [Product(sku=sku(n), price="9.99", cost="5.10") for n in range(PRODUCTS)]
    locations = [Location(code=place(n)) for n in range(PLACES)]
    await Product.bulk_create(products)
    await Location.bulk_create(locations)
    await StockLevel.bulk_create(
        StockLevel(location_id=location.id, product_id=product.id, on_hand=PLENTY)
        for location in locations
        for product in products
    )


def _app(url: str) -> Starlette:
    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncGenerator[None]:
        await Tortoise.init(db_url=url, modules={"plain": [__name__]}, _enable_global_fallback=True)
        await Tortoise.generate_schemas()
        await _fill()
        yield
        await Tortoise.close_connections()

    async def healthz(_: Request) -> Response:
        return PlainTextResponse("ok")

    schema = strawberry.Schema(Query, Mutation)
    routes = [Route("/healthz", healthz), Route("/graphql", GraphQL(schema))]
    return Starlette(routes=routes, lifespan=lifespan)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--url", required=True, help="an empty database")
    parser.add_argument("--port", type=int, required=True)
    arguments = parser.parse_args()
    uvicorn.run(_app(arguments.url), port=arguments.port, log_config=None, access_log=False)
