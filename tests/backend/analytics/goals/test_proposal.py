from datetime import date
from decimal import Decimal

import pytest

from backend.analytics.goals.periods import GoalPeriodKind, Period
from backend.analytics.goals.proposal import Before, ProposalBasis, propose

Q2 = Period("2019-Q2", GoalPeriodKind.QUARTER, date(2019, 4, 1), date(2019, 6, 30))


def number(value):
    return None if value is None else Decimal(value)


@pytest.mark.parametrize(
    ("landing", "same", "following", "amount", "basis", "growth"),
    [
        # 1,100 after 1,000 last year: a tenth more than the 2,000 of then.
        ("1100", "1000", "2000", "2200", "LAST_YEAR", "1.1"),
        ("5000", "1000", "2000", "4000", "LAST_YEAR", "2"),
        ("100", "1000", "2000", "1000", "LAST_YEAR", "0.5"),
        (None, "1000", "2000", "2000", "LAST_YEAR", None),
        ("1100", None, "2000", "2000", "LAST_YEAR", None),
        ("1100", "0", "2000", "2000", "LAST_YEAR", None),
        # Nothing of last year: the following quarter usually sells a quarter more.
        ("1100", "1000", None, "1375", "RUN_RATE", None),
        ("1100", "1000", "-3", "1375", "RUN_RATE", None),
    ],
)
def test_the_next_plan_is_last_years_with_growth_else_the_run_rate(
    landing, same, following, amount, basis, growth
):
    before = Before(number(same), number(following))

    found = propose(Q2, number(landing), before, Decimal("1.25"))

    assert found.period is Q2
    assert (found.amount, found.basis) == (Decimal(amount), ProposalBasis(basis))
    assert found.growth == number(growth)


def test_nothing_is_proposed_of_nothing():
    for landing in (None, Decimal(0)):
        assert propose(Q2, landing, Before(None, None), Decimal(1)) is None
