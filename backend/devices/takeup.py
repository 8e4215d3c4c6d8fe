"""Parked reads take their effect when a product gets their GTIN: in its transaction, each once."""

from typing import Any

from backend.catalogue import service as catalogue
from backend.catalogue.events import ProductChanged
from backend.catalogue.rules import Packaged
from backend.devices import effects, statements
from backend.devices.effects import Cause
from backend.devices.rules import BEYOND_MEASURE, TOO_OLD, ReadPointRole, counted
from backend.infra.work import Work
from backend.locations import service as locations
from backend.pieces.rules import Label
from backend.sales import retention


async def take_up(work: Work, events: list[ProductChanged]) -> None:
    """React to products whose GTINs changed: what was read of them before happens now.

    Each read does what its read point meant then, at the time it was made. Deleting it where it
    waits is what makes that happen once, whoever else adds products or parks reads meanwhile.
    """
    products = [event.product.id for event in events if "gtins" in event.changed]
    if not products:
        return
    org = work.principal.org_id
    await work.rows(statements.CLOSE_PARKING, str(org))
    rows = await work.rows(statements.TAKE_UP_READS, org, products)
    if not rows:
        return
    places = await locations.locations_by_id(work, {row["location_id"] for row in rows})
    identified = await _identified(work, rows)
    reasons = [None if one else BEYOND_MEASURE for one in identified]
    kept_from = await retention.hold(work, (row["observed_at"] for row in rows))
    for n, row in enumerate(rows):
        day = places[row["location_id"]].business_day(row["observed_at"])
        if kept_from is not None and day < kept_from:
            identified[n], reasons[n] = None, TOO_OLD
    await work.rows(
        statements.IDENTIFY_READS,
        org,
        [row["id"] for row in rows],
        [row["product_id"] for row in rows],
        [one and one.units for one in identified],
        reasons,
    )
    await work.rows(statements.DROP_PARKED_CODES, org, products)
    await effects.take(
        work,
        [
            Cause(
                id=row["id"],
                key=row["key"],
                location=places[row["location_id"]],
                device=row["device"],
                role=ReadPointRole(row["role"]),
                packaged=packaged,
                observed_at=row["observed_at"],
                price=row["said_price"],
                read_point=row["read_point"],
                label=_label(row),
            )
            for row, packaged in zip(rows, identified, strict=True)
            if packaged
        ],
    )


def _label(row: dict[str, Any]) -> Label | None:
    if row["serial"] is None:
        return None
    names = ("gtin", "serial", "epc", "epc_hex", "lot", "expires_on")
    return Label(*(row[name] for name in names))


async def _identified(work: Work, rows: list[dict[str, Any]]) -> list[Packaged | None]:
    products = await catalogue.products_by_id(work, {row["product_id"] for row in rows})
    return [
        counted(Packaged(products[row["product_id"]], row["units"]), row["said_units"])
        for row in rows
    ]
