"""Plans of shelves as clients see them."""

from datetime import datetime
from decimal import Decimal
from typing import Final, Self

import strawberry
from strawberry.extensions import FieldExtension

from backend.catalogue.graphql import Product
from backend.core.numbers import rounded
from backend.core.scopes import Scope
from backend.infra.api.access import Hides
from backend.infra.api.declared import seen_with
from backend.infra.api.described import object_type
from backend.infra.api.results import UserError, user_error
from backend.infra.work import Work
from backend.merchandising import rules, service
from backend.merchandising.errors import InvalidShelf
from backend.merchandising.graphql.enums import (
    CostState,
    DemandSource,
    MinimumReason,
    PictureTheme,
    PlanMethod,
    ShelfMoment,
    SizeState,
)
from backend.merchandising.graphql.types import ProductSize, Shelf, cm
from backend.merchandising.picture import NARROWEST, WIDEST
from backend.merchandising.planning import too_narrow

SECRET: Final[list[FieldExtension]] = [Hides(Scope.ANALYTICS_READ)]


@seen_with(Scope.FORECAST_READ)
@object_type
class PlannedBoard:
    """One board as the plan fills it."""

    number: int
    """1 is the highest."""
    width_cm: Decimal
    """What there is."""
    used_cm: Decimal
    """What facings take."""
    gain: strawberry.Private[float]

    @strawberry.field(extensions=SECRET)
    def profit_of_next_cm(self) -> Decimal | None:
        """What another cm would bring a week; null for who may not know cost."""
        return money_of(self.gain)


@seen_with(Scope.FORECAST_READ)
@object_type
class PlannedProduct:
    """One product as the plan has it."""

    product: Product
    """The product."""
    facings_now: int
    """How often it stands side by side now."""
    facings: int
    """How often it is to."""
    facings_proportional: int
    """How often it would with space in proportion to demand."""
    board_now: int | None
    """The board it stands on now; null: nobody said."""
    board: int | None
    """The board it is to stand on; null: there is no room for it."""
    size: ProductSize
    """What was taken for its size."""
    size_state: SizeState
    """Whether that was measured."""
    units_per_facing: int
    """What one facing holds on its board."""
    width_cm: Decimal
    """What its facings take together."""
    share: Decimal
    """Their part of the width of all boards."""
    minimum: int
    """The least facings there."""
    minimum_reason: MinimumReason
    """Why no fewer."""
    is_short: bool
    """It has fewer than its minimum."""
    demand: Decimal
    """Units wanted a week, with the facings of now."""
    demand_until_refill: Decimal
    """Units that are not exceeded 95 times of 100 until the next refill."""
    elasticity: Decimal
    """How much its sales follow its space."""
    cost_state: CostState
    """Whether its cost is known, and so its margin."""
    item: strawberry.Private[rules.Item]
    gain: strawberry.Private[float]

    @strawberry.field(extensions=SECRET)
    def margin(self) -> Decimal | None:
        """Profit of one unit; null for who may not know cost."""
        return money_of(self.item.margin)

    @strawberry.field(extensions=SECRET)
    def profit_now(self) -> Decimal | None:
        """Profit a week as it stands now; null for who may not know cost."""
        return money_of(rules.profit_of(self.item, self.item.now))

    @strawberry.field(extensions=SECRET)
    def profit(self) -> Decimal | None:
        """Profit a week as planned; null for who may not know cost."""
        return money_of(rules.profit_of(self.item, self.facings))

    @strawberry.field(extensions=SECRET)
    def profit_of_next_facing(self) -> Decimal | None:
        """What one more facing would bring a week; null for who may not know cost."""
        return money_of(self.gain)


@seen_with(Scope.FORECAST_READ)
@object_type
class ShelfPlan:
    """What a shelf should hold, beside what it holds and what proportional allocation gives."""

    shelf: Shelf
    """The shelf as it stands."""
    method: PlanMethod
    """How the facings were found: GREEDY, EXACT or PROPORTIONAL."""
    is_optimal: bool
    """It is proven that no plan that holds all minimums brings more."""
    gap: Decimal | None
    """By which part of the bound a better plan could be better at most; null without a bound."""
    demand_from: DemandSource
    """From what demand is known."""
    demand_through: datetime
    """Sales up to here are in it."""
    currency: str
    """ISO 4217 code of all money in it."""
    boards: list[PlannedBoard]
    """The boards, the highest first."""
    products: list[PlannedProduct]
    """What is to stand there, by board and from left to right; last what has no room."""
    problems: list[UserError]
    """Why no plan holds all minimums, where none does and the least bad one was asked for."""
    short_now: int
    """How many products have fewer facings than their minimum now."""
    short_proportional: int
    """How many would with space in proportion to demand."""
    planned: strawberry.Private[service.Planned]

    @strawberry.field(extensions=SECRET)
    def profit_now(self) -> Decimal | None:
        """Profit a week as it stands now; null for who may not know cost."""
        return money_of(self.planned.profit_now)

    @strawberry.field(extensions=SECRET)
    def profit(self) -> Decimal | None:
        """Profit a week as planned; null for who may not know cost."""
        return money_of(self.planned.plan.profit)

    @strawberry.field(extensions=SECRET)
    def profit_proportional(self) -> Decimal | None:
        """Profit a week with space in proportion to demand, on the same boards and in their limits.

        Null for who may not know cost.
        """
        return money_of(self.planned.proportional.profit)

    @strawberry.field(extensions=SECRET)
    def profit_bound(self) -> Decimal | None:
        """No plan that holds all minimums brings more a week; null where none does.

        Null for who may not know cost, too.
        """
        bound = self.planned.plan.bound
        return None if bound is None else money_of(bound)

    @strawberry.field
    def picture(
        self,
        theme: PictureTheme = PictureTheme.LIGHT,
        moment: ShelfMoment = ShelfMoment.PLANNED,
        width: int = WIDEST,
    ) -> str:
        """The planogram as an SVG document: boards and facings to scale.

        As planned, what changes is marked. At most `width` pixels wide, 320 to 1500.
        """
        if not NARROWEST <= width <= WIDEST:
            raise InvalidShelf(
                f"a picture is {NARROWEST} to {WIDEST} pixels wide", field=["width"], value=width
            )
        return self.planned.picture(theme, is_now=moment is ShelfMoment.NOW, width=width)

    @classmethod
    def of(cls, work: Work, planned: service.Planned) -> Self:
        """Return a plan as clients see it."""
        plan, situation = planned.plan, planned.situation
        return cls(
            shelf=Shelf.of_full(situation.full),
            method=plan.method,
            is_optimal=plan.is_optimal,
            gap=None if plan.gap is None else Decimal(f"{plan.gap:.6f}"),
            demand_from=situation.demand.source,
            demand_through=situation.demand.through,
            currency=work.currency,
            boards=_boards(planned),
            products=_products(planned),
            problems=[user_error(too_narrow(plan))] if plan.short or plan.missed else [],
            short_now=planned.short_now,
            short_proportional=len(planned.proportional.short),
            planned=planned,
        )


@seen_with(Scope.FORECAST_READ)
@object_type
class ApplyShelfPlanPayload:
    """The shelf after its plan was applied."""

    shelf: Shelf
    """As it is now."""
    plan: ShelfPlan
    """The plan that was applied."""


def _boards(planned: service.Planned) -> list[PlannedBoard]:
    plan = planned.plan
    space = plan.space
    values = zip(space.room, space.used(plan.allocation), plan.next_cm(), strict=True)
    return [
        PlannedBoard(
            number=number,
            width_cm=cm(int(room)),
            used_cm=cm(int(used)),
            gain=gain,
        )
        for number, (room, used, gain) in enumerate(values, 1)
    ]


def _products(planned: service.Planned) -> list[PlannedProduct]:
    standing = [one.item for one in planned.stands]
    rest = [n for n in range(len(planned.situation.placed)) if n not in set(standing)]
    gains = planned.plan.next_facing()
    return [_product(planned, n, gains[n]) for n in (*standing, *rest)]


def _product(planned: service.Planned, n: int, gain: float) -> PlannedProduct:
    plan, one = planned.plan, planned.situation.placed[n]
    space, item = plan.space, plan.space.problem.items[n]
    facings, board = plan.allocation.facings[n], plan.allocation.boards[n]
    minimum = space.minimum(n, board)
    width = facings * item.size.width
    return PlannedProduct(
        product=Product.from_ref(one.standing.product),
        facings_now=item.now,
        facings=facings,
        facings_proportional=planned.proportional.allocation.facings[n],
        board_now=one.standing.board,
        board=None if board is None else board + 1,
        size=ProductSize.of(one.size),
        size_state=one.size_state,
        units_per_facing=0 if board is None else int(space.units[n, board]),
        width_cm=cm(width),
        share=rounded(Decimal(width) / int(space.room.sum())),
        minimum=minimum.facings,
        minimum_reason=minimum.reason,
        is_short=n in plan.short,
        demand=rounded(Decimal(repr(item.demand))),
        demand_until_refill=rounded(Decimal(repr(item.until_refill))),
        elasticity=Decimal(repr(item.elasticity)),
        cost_state=one.cost_state,
        item=item,
        gain=gain,
    )


def money_of(value: float) -> Decimal:
    """Return computed money with the decimals that money has here."""
    return rounded(Decimal(repr(float(value))))
