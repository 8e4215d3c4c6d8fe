"""What must be there before anything sells: products, places, devices, customers and more."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from msgspec import UNSET, UnsetType

from backend.catalogue import service as catalogue
from backend.catalogue.drafts import DistributorDraft, GtinDraft, ProductDraft, PromotionDraft
from backend.core.attributes import Attributes
from backend.customers import service as customers
from backend.devices import service as devices
from backend.devices.rules import ReadPointRole
from backend.devices.service import DeviceDraft, ReadPointDraft
from backend.identity.closing import FiscalCalendar, OrganisationChange, update_organisation
from backend.infra.work import Work
from backend.locations import service as locations
from backend.locations.rules import LocationKind, SalesSource
from backend.locations.service import LocationDraft
from backend.programs.demo.goods import Good
from backend.programs.demo.history import History
from backend.programs.demo.places import (
    COUNTRY,
    DISTRIBUTORS,
    STORES,
    WAREHOUSE,
    WEB_SHOP,
    ZONE,
    Distributor,
    Store,
)
from backend.programs.demo.retailer import Retailer
from backend.programs.demo.tags import TAG_POINTS, TAG_STORES, tag_device

TILL: Final = "TILL"
DOCK: Final = "DOCK"
BUSINESS_YEAR: Final = OrganisationChange(
    fiscal_calendar=FiscalCalendar.RETAIL_454, fiscal_year_start=2
)
"""A retailer's: that of the National Retail Federation."""
_AT_ONCE: Final = 300


async def put_master_data(work: Work, retailer: Retailer, history: History) -> None:
    """Make everything the history names; what is there as it should be stays untouched."""
    await update_organisation(work, BUSINESS_YEAR)
    _check(await catalogue.upsert_distributors(work, [_distributor(one) for one in DISTRIBUTORS]))
    await _put_products(work, retailer, history)
    places = [_warehouse(), web_shop(), *(_store(store) for store in STORES)]
    _check(await locations.upsert_locations(work, places))
    for outcome in await devices.upsert_devices(
        work, [*map(_device, STORES), *map(_readers, TAG_STORES)]
    ):
        if outcome.error:
            raise outcome.error
    _check(await catalogue.upsert_promotions(work, _promotions(retailer, history)))
    segments = {one.reference: one.segment for one in retailer.customers}
    await customers.resolve_customers(work, segments, segments)


async def tills_count(work: Work) -> None:
    """Make the checkout reads of all stores their sales, as soon as their past is told."""
    _check(await locations.upsert_locations(work, [_store(s, SalesSource.READS) for s in STORES]))


async def _put_products(work: Work, retailer: Retailer, history: History) -> None:
    """Make the products with their prices of old and of now."""
    changed_at = datetime.combine(
        history.prices_changed_on, datetime.min.time(), history.now.tzinfo
    )
    for valid_from, wanted in (
        (history.opened_at, retailer.goods),
        (changed_at, _repriced(retailer)),
    ):
        is_first = valid_from == history.opened_at
        drafts = [_product(one, is_first, valid_from) for one in wanted]
        for start in range(0, len(drafts), _AT_ONCE):
            _check(await catalogue.upsert_products(work, drafts[start : start + _AT_ONCE]))


def _repriced(retailer: Retailer) -> list[Good]:
    return [good for good in retailer.goods if good.price != good.old_price]


def _product(good: Good, is_first: bool, valid_from: datetime) -> ProductDraft:
    gtins = [GtinDraft(gtin=good.gtin)]
    if good.case_units:
        gtins.append(GtinDraft(gtin=good.case_gtin, units=Decimal(good.case_units)))
    return ProductDraft(
        sku=good.sku,
        name=good.name,
        category=good.group.category,
        subcategory=good.group.name,
        gtins=gtins,
        price=good.old_price if is_first else good.price,
        cost=good.cost,
        distributor=good.distributor,
        reorder_point=Decimal(good.reorder_point),
        valid_from=valid_from,
    )


def _distributor(one: Distributor) -> DistributorDraft:
    return DistributorDraft(
        code=one.code,
        name=one.name,
        latitude=one.latitude,
        longitude=one.longitude,
        city=one.city,
        state=one.state,
        postal_code=one.postal_code,
        region=one.region,
        country=COUNTRY,
    )


def _store(store: Store, source: SalesSource = SalesSource.POS) -> LocationDraft:
    return LocationDraft(
        code=store.code,
        name=store.city,
        kind=LocationKind.STORE,
        latitude=store.latitude,
        longitude=store.longitude,
        city=store.city,
        state=store.state,
        postal_code=store.postal_code,
        region=store.region,
        country=COUNTRY,
        timezone=store.timezone,
        sales_source=source,
        attributes={"demo": True},
    )


def _warehouse() -> LocationDraft:
    return LocationDraft(
        code=WAREHOUSE,
        name="Memphis warehouse",
        kind=LocationKind.WAREHOUSE,
        latitude=35.0456,
        longitude=-89.9773,
        city="Memphis",
        state="Tennessee",
        postal_code="38118",
        region="South",
        country=COUNTRY,
        timezone="America/Chicago",
        attributes={"demo": True},
    )


def web_shop(attributes: Attributes | UnsetType = UNSET) -> LocationDraft:
    """Return the web shop; its attributes tell how far the demo is loaded."""
    return LocationDraft(
        code=WEB_SHOP,
        name="Web shop",
        kind=LocationKind.WEB_SHOP,
        country=COUNTRY,
        timezone=ZONE,
        attributes=attributes,
    )


def _device(store: Store) -> DeviceDraft:
    return DeviceDraft(
        code=store.device,
        name=f"Scanners of {store.city} (simulated)",
        location=store.code,
        read_points=[
            ReadPointDraft(code=TILL, role=ReadPointRole.CHECKOUT),
            ReadPointDraft(code=DOCK, role=ReadPointRole.RECEIVING),
        ],
    )


def _readers(store: Store) -> DeviceDraft:
    roles = (
        ReadPointRole.RECEIVING,
        ReadPointRole.SHELF,
        ReadPointRole.CHECKOUT,
        ReadPointRole.EXIT,
    )
    return DeviceDraft(
        code=tag_device(store),
        name=f"Tag readers of {store.city} (simulated)",
        location=store.code,
        read_points=[
            ReadPointDraft(code=point, role=role)
            for point, role in zip(TAG_POINTS, roles, strict=True)
        ],
    )


def _promotions(retailer: Retailer, history: History) -> list[PromotionDraft]:
    return [
        PromotionDraft(
            code=one.code,
            name=one.name,
            starts_on=one.starts_on,
            ends_on=one.ends_on,
            discount_rate=one.rate,
            skus=[good.sku for good in retailer.goods if good.group.category == one.category],
        )
        for one in history.promotions
    ]


def _check(rows: Sequence[tuple[Any, object]]) -> None:
    for row, _ in rows:
        if row.error:
            raise row.error
