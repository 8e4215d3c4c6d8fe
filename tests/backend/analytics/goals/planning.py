"""Documents about goals, and a shop that sells the same every day."""

from datetime import date, timedelta
from decimal import Decimal

from tests.backend.shop import POT, RECORD_SALES, sale

GOAL = "id period kind from to dimension member measure amount version"
SET = f"""
mutation ($input: SetGoalsInput!) {{
  setGoals(input: $input) {{
    acceptedCount duplicateCount rejectedCount
    results {{ status goal {{ {GOAL} }} userErrors {{ code field message }} }}
  }}
}}"""
DELETE = f"""
mutation ($input: DeleteGoalsInput!) {{
  deleteGoals(input: $input) {{
    acceptedCount results {{ status goal {{ {GOAL} }} userErrors {{ code field }} }}
  }}
}}"""
COPY = f"""
mutation ($input: CopyGoalsInput!) {{
  copyGoals(input: $input) {{
    setCount sameCount keptCount rejectedCount goals {{ {GOAL} }}
  }}
}}"""
RULES = """
mutation ($input: SetGoalRulesInput!) {
  setGoalRules(input: $input) { rules { reachedAt missedBelow version } }
}"""
GOALS = f"""
query ($filter: GoalFilter, $sort: GoalSort) {{
  goals(first: 500, filter: $filter, sort: $sort) {{ nodes {{ {GOAL} }} }}
}}"""
_ROWS = """
    on isPartial currency rules { reachedAt missedBelow version }
    rows {
      goal { period member amount measure }
      attained share gap gapMoney expected pace elapsed daysElapsed daysLeft runRate neededRate
      landing landingShare landingBasis landingLow landingHigh probability standing season
      proposedPlan { period amount basis growth }
    }"""
PROGRESS = f"""
query ($filter: GoalFilter, $on: Date) {{
  goalProgress(filter: $filter, on: $on) {{ {_ROWS} }}
}}"""
OPPORTUNITIES = f"""
query ($filter: GoalFilter, $on: Date, $lower: Decimal! = 0.6, $upper: Decimal! = 0.8,
       $basis: OpportunityBasis! = GOAL) {{
  opportunities(filter: $filter, on: $on, lower: $lower, upper: $upper, basis: $basis) {{ {_ROWS} }}
}}"""
DETAIL = """
query ($id: ID!) {
  goal(id: $id) { season days { day amount } changes { version amount origin } }
}"""


def goal(period, amount, member=None, dimension="REGION", **fields):
    """Return a GoalInput: of the organisation without a member."""
    dimension = dimension if member else "ORGANISATION"
    return {
        "period": period,
        "amount": str(amount),
        "dimension": dimension,
        "member": member,
        **fields,
    }


async def set_goals(graphql, *goals, **fields):
    """Set goals and return the payload."""
    answer = await graphql(SET, {"input": {"goals": list(goals), **fields}})
    assert "errors" not in answer, answer["errors"]
    return answer["data"]["setGoals"]


async def ask(graphql, document, *scopes, **variables):
    """Return the one root field that a document asks for."""
    answer = await graphql(document, variables, *scopes)
    assert "errors" not in answer, answer["errors"]
    return next(iter(answer["data"].values()))


def code_of(result):
    """Return the code of the only error of a result."""
    (error,) = result["userErrors"]
    return error["code"]


async def sell_daily(graphql, first, last, *, price=lambda _: Decimal(100), location="web"):
    """Sell a pot a day at noon, at a price that goes by the day."""
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    for start in range(0, len(days), 400):
        rows = [
            sale(
                f"{location}-{day}",
                location=location,
                channel="ONLINE",
                soldAt=f"{day}T12:00:00Z",
                shipTo={"region": "West", "state": "Oregon"},
                lines=[{"sku": POT, "quantity": 1, "unitPrice": str(price(day))}],
            )
            for day in days[start : start + 400]
        ]
        answer = await graphql(RECORD_SALES, {"input": {"sales": rows}})
        assert answer["data"]["recordSales"]["rejectedCount"] == 0, answer


def quarter(year, number):
    """Return the first and last day of a quarter."""
    first = date(year, number * 3 - 2, 1)
    following = date(year + number // 4, number % 4 * 3 + 1, 1)
    return first, following - timedelta(days=1)
