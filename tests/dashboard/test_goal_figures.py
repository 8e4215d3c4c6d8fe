"""What meters and rows of goals say of landings, chances and plans."""

from decimal import Decimal

import pytest

from dashboard.figures.goal_meter import chance, meter, sums_of
from dashboard.figures.goal_tables import plan_table, proposed

RULES = {"reachedAt": "1", "missedBelow": "0.95"}


def row(member=None, period="2026-Q3", **fields):
    return {
        "goal": {"period": period, "member": member, "amount": "1000"},
        "attained": "500",
        "landing": "900",
        "landingLow": "800",
        "landingHigh": "1000",
        "landingBasis": "RUN_RATE",
        "probability": "0.25",
        "proposedPlan": {
            "period": "2026-Q4", "amount": "1100", "basis": "LAST_YEAR", "growth": "1.1",
        },
        "standing": "AT_RISK",
        "daysLeft": "10",
    } | fields  # fmt: skip


def texts(component):
    children = getattr(component, "children", component)
    if isinstance(children, list):
        return " ".join(map(texts, children))
    return texts(children) if hasattr(children, "children") else str(children or "")


def test_a_meter_says_where_a_goal_lands_and_how_surely():
    (one,) = sums_of([row()], RULES)

    card = meter(one, "USD")

    assert "Will land at $900 (90%)" in texts(card)
    assert "between $800 and $1,000, with 25% probability reached." in texts(card)
    _, _, track, *_ = card.children or []
    band = next(mark for mark in track.children if mark.className == "landing-band")
    # 80 % and 100 % of the goal, on a scale that ends at 125 %.
    assert band.style == {"left": "64.00%", "right": "calc(100% - 80.00%)"}


def test_a_landing_of_the_forecast_is_called_one():
    (one,) = sums_of([row(landingBasis="FORECAST")], RULES)

    assert "Will land by the forecast at $900" in texts(meter(one, "USD"))


def test_goals_of_several_are_counted_by_whether_they_are_rather_reached():
    (one,) = sums_of([row("West"), row("East", probability="0.5"), row("South")], RULES)

    card = meter(one, "USD")

    assert (one.likely, one.band) == (1, None)
    assert "1 of 3 rather reached than not" in texts(card)


def test_a_past_too_short_to_say_is_said():
    (one,) = sums_of([row(probability=None, landingLow=None, landingHigh=None)], RULES)

    assert "too short to say" in texts(meter(one, "USD"))


@pytest.mark.parametrize(
    ("probability", "words"),
    [("0.999", "almost surely"), ("0.001", "hardly ever"), ("0.5", "with 50% probability")],
)
def test_no_chance_is_said_to_be_certain(probability, words):
    assert chance(Decimal(probability)) == words


def test_plans_are_those_after_the_last_period_that_has_begun():
    rows = [
        row("West", "2026-Q2"),
        row("West"),
        row("East", proposedPlan=None),
        row("West", "2026-Q4", standing="NOT_STARTED"),
    ]

    table = plan_table(proposed(rows), "Region", "USD")

    (only,) = table.rows
    assert only == [
        "2026-Q4", "West", Decimal(1100), "last year with growth", Decimal("0.1"), Decimal(900),
    ]  # fmt: skip
