"""What a question is about: a series, its past, what it takes from all others, and its model."""

import asyncio
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final
from uuid import UUID

from backend.catalogue import service as catalogue
from backend.catalogue.errors import UnknownLocation, UnknownProduct
from backend.core.errors import NotAllowed
from backend.forecasting import statements as known
from backend.forecasting.demand.ledger import LedgerCriteria, as_found, read_one, read_panel
from backend.forecasting.demand.panel import Panel
from backend.forecasting.demand.rhythm import Step, rhythm_of
from backend.forecasting.demand.survey import Key
from backend.forecasting.demand.window import Window
from backend.forecasting.errors import ModelNotKept, NotExplained
from backend.forecasting.insight import statements
from backend.forecasting.insight.pools import Taken, taken
from backend.forecasting.insight.what_if import Others
from backend.forecasting.network.model import Model, looked_back
from backend.forecasting.network.model_files import from_bytes
from backend.forecasting.rules import ModelFamily
from backend.forecasting.service.standing import ModelRow, champion, find_model
from backend.infra.work import Work
from backend.locations import service as locations

_DAYS: Final = looked_back(rhythm_of(Step.DAY))
"""Days of the past that a forecast looks at."""


@dataclass(frozen=True, slots=True)
class Subject:
    """A series, by its number in a panel, and the model that forecasts it.

    `others` is what it takes from all that are not in the panel; None: all are.
    """

    model: Model
    row: ModelRow
    panel: Panel
    number: int = 0
    others: Others | None = None

    @property
    def first_day(self) -> date:
        """The first day that is forecast."""
        return self.panel.through + timedelta(days=1)


async def subject_of(work: Work, sku: str, code: str) -> Subject | None:
    """Return what a question is about, as it was when its forecast was made.

    What was sold or planned since counts, too. None: nothing is forecast of that product there.

    Raises:
        UnknownProduct: the SKU is not there.
        UnknownLocation: the code is not there.
        NotExplained: no network makes the forecasts.
        ModelNotKept: the model that made them is gone.
        NotAllowed: the principal sees a part of the organisation only.
    """
    if work.principal.is_limited:
        raise NotAllowed("what products have in common needs sight of the whole organisation")
    key = await _series(work, sku, code)
    forecast = await work.row(statements.ONE, work.principal.org_id, *key)
    found = None if forecast is None else _taken(forecast)
    if forecast is not None and found is not None:
        return await _alone(work, key, forecast, found)
    if forecast is None and await work.row(known.DAYS_FORECAST, work.principal.org_id):
        return None
    return await _among_all(work, key)


def _taken(forecast: dict[str, Any]) -> Taken | None:
    pieces = [forecast[name] for name in ("everything", "place", "good")]
    return None if None in pieces else taken(*pieces)


async def _alone(work: Work, key: Key, forecast: dict[str, Any], found: Taken) -> Subject | None:
    """Read one series, and take from the others what its forecast took."""
    row = await find_model(work, forecast["model_id"])
    model = await _model(work, row)
    first = forecast["first_day"] - timedelta(days=found.periods)
    window = Window(first, found.periods, found.ahead, found.is_stale)
    seen = await as_found(work, key, window, found.closed, forecast["trained_through"])
    ledger = None if seen is None else await read_one(work, seen, found.place)
    if ledger is None:
        return None
    return Subject(model, row, ledger.panel, others=Others(found.settled, found.examples))


async def _among_all(work: Work, key: Key) -> Subject | None:
    """Read all series: until the next update nothing is kept of what they take from each other."""
    row = await champion(work)
    if row is None:
        return None
    model, wanted = await _model(work, row), LedgerCriteria(wanted=frozenset({key}))
    ledger = await read_panel(work, wanted, _DAYS, ahead=model.horizon, today=True)
    if ledger is None or key not in ledger.series:
        return None
    return Subject(model, row, ledger.panel, ledger.series.index(key))


async def _series(work: Work, sku: str, code: str) -> tuple[UUID, UUID]:
    products = await catalogue.resolve_skus(work, [sku])
    if sku not in products:
        raise UnknownProduct(f"no product {sku!r}", field=["product"], value=sku[:60])
    places = await locations.resolve_locations(work, [code])
    if code not in places:
        raise UnknownLocation(f"no location {code!r}", field=["location"], value=code[:60])
    return places[code].id, products[sku].id


async def _model(work: Work, row: ModelRow) -> Model:
    if row.family not in (ModelFamily.NETWORK, ModelFamily.LIGHTGBM):
        raise NotExplained("a simple mean makes the forecasts: nothing moves it but the past")
    content = await work.row(known.CONTENT, work.principal.org_id, row.id)
    if content is None:
        raise ModelNotKept("the model that forecasts is not kept", value=str(row.id))
    return (await asyncio.to_thread(from_bytes, content["content"])).model
