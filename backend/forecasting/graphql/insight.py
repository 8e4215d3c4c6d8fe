"""What moves forecasts, and what other plans would do, as clients see it."""

from datetime import date

import strawberry
from strawberry.extensions import FieldExtension
from strawberry.scalars import ID

from backend.core.scopes import Scope
from backend.forecasting.insight import answers
from backend.forecasting.insight.answers import DayCompared, DayExplained, Expected, Plan
from backend.forecasting.network.groups import Driver
from backend.infra.api.access import Requires
from backend.infra.api.context import Info
from backend.infra.api.cost import COST, Arguments
from backend.infra.api.declared import seen_with
from backend.infra.api.described import enum_type, input_type, object_type

READS: list[FieldExtension] = [Requires(Scope.FORECAST_READ)]

enum_type(Driver, "ForecastDriver")


@seen_with(Scope.FORECAST_READ)
@object_type
class ForecastEffect:
    """What one thing adds to a forecast, or takes off it."""

    driver: Driver
    """What moves it."""
    units: float
    """By so many units."""


@seen_with(Scope.FORECAST_READ)
@object_type
class ForecastDrivers:
    """What moved the forecast of a day: level and effects add up to the mean."""

    day: date
    """The day forecast."""
    known_through: date
    """The last business day the forecast knows, over or not."""
    model_id: ID
    """The model that makes the forecasts."""
    level: float
    """Units of an ordinary day, from the last weeks."""
    mean: float
    """Units expected."""
    effects: list[ForecastEffect]
    """The largest first."""

    @classmethod
    def of(cls, found: DayExplained) -> "ForecastDrivers":
        """Return what the service found."""
        ordered = sorted(found.effects.items(), key=lambda item: -abs(item[1]))
        return cls(
            day=found.day, known_through=found.known_through, model_id=ID(str(found.model.id)),
            level=found.level, mean=found.mean,
            effects=[ForecastEffect(driver=one, units=units) for one, units in ordered],
        )  # fmt: skip


@input_type
class ForecastWhatIfInput:
    """Plans for one product at one location; what is absent stays as planned."""

    product: str
    """SKU."""
    location: str
    """Code of the location."""
    days: list[date] | None = None
    """Days on which it would be otherwise; absent: all that are forecast."""
    promotion: float | None = None
    """By how much of it the price is lowered, 0 to 1; 0: no promotion."""
    price: float | None = None
    """The list price."""
    closed: bool | None = None
    """Whether the location is closed."""


@seen_with(Scope.FORECAST_READ)
@object_type
class ForecastExpectation:
    """What is expected of a day."""

    mean: float
    """Units expected."""
    median: float
    """Half of such days sell less."""
    low: float
    """One in twenty such days sells less."""
    high: float
    """One in twenty such days sells more."""

    @classmethod
    def of(cls, one: Expected) -> "ForecastExpectation":
        """Return what the service expects."""
        return cls(mean=one.mean, median=one.median, low=one.low, high=one.high)


@seen_with(Scope.FORECAST_READ)
@object_type
class ForecastWhatIfDay:
    """A day as things are planned, and as they would be."""

    day: date
    """The day."""
    planned: ForecastExpectation
    """As things are planned."""
    changed: ForecastExpectation
    """With the plans asked about."""

    @classmethod
    def of(cls, one: DayCompared) -> "ForecastWhatIfDay":
        """Return a day of the service."""
        planned, changed = map(ForecastExpectation.of, (one.planned, one.changed))
        return cls(day=one.day, planned=planned, changed=changed)


@seen_with(Scope.FORECAST_READ)
@object_type
class ForecastWhatIf:
    """What other plans would do."""

    days: list[ForecastWhatIfDay]
    """Every day that is forecast."""
    planned_units: float
    """Units expected of all days as things are planned."""
    changed_units: float
    """Units expected of all days with the plans asked about."""

    @classmethod
    def of(cls, found: list[DayCompared]) -> "ForecastWhatIf":
        """Return what the service found."""
        return cls(
            days=[ForecastWhatIfDay.of(one) for one in found],
            planned_units=sum(one.planned.mean for one in found),
            changed_units=sum(one.changed.mean for one in found),
        )


def _price(_arguments: Arguments) -> int:
    # The past of one product is read, and a model asked; after an upgrade once that of all.
    return 200


@strawberry.type
class Query:
    """Root fields."""

    @strawberry.field(extensions=READS, metadata={COST: _price})
    async def forecast_drivers(
        self, info: Info, product: str, location: str, day: date
    ) -> ForecastDrivers | None:
        """Tells what moved the forecast of a day: weekday, season, a promotion and so on.

        Null: nothing is forecast of that product there.
        """
        work = await info.context.reading()
        found = await answers.explained(work, product, location, day)
        return None if found is None else ForecastDrivers.of(found)

    @strawberry.field(extensions=READS, metadata={COST: _price})
    async def forecast_what_if(
        self,
        info: Info,
        input: ForecastWhatIfInput,  # noqa: A002
    ) -> ForecastWhatIf | None:
        """Tells what would be forecast if plans were others.

        Null: nothing is forecast of that product there.
        """
        work = await info.context.reading()
        days = None if input.days is None else frozenset(input.days)
        plan = Plan(days, input.promotion, input.price, input.closed)
        found = await answers.compared(work, input.product, input.location, plan)
        return None if found is None else ForecastWhatIf.of(found)
