"""The GraphQL documents of the page of goals, and what its scripts follow."""

from __future__ import annotations

from types import MappingProxyType

_ROW = """
fragment PageGoal on GoalProgress {
  goal { id period dimension member measure amount version }
  attained
  share
  gap
  gapMoney
  expected
  pace
  elapsed
  daysLeft
  runRate
  neededRate
  landing
  landingBasis
  landingLow
  landingHigh
  probability
  proposedPlan { period amount basis growth }
  standing
  season
}
"""

GOALS_PAGE = f"""
query GoalsPage(
  $filter: GoalFilter
  $on: Date
  $lower: Decimal!
  $upper: Decimal!
  $basis: OpportunityBasis!
) {{
  organisation {{ timezone currency serverTime }}
  goalProgress(filter: $filter, on: $on) {{
    asOf
    on
    isPartial
    currency
    rules {{ reachedAt missedBelow version }}
    rows {{ ...PageGoal }}
  }}
  opportunities(filter: $filter, on: $on, lower: $lower, upper: $upper, basis: $basis) {{
    rows {{ ...PageGoal }}
  }}
}}
{_ROW}"""

GOAL_GRID = """
query GoalGrid($filter: GoalFilter) {
  goals(first: 500, filter: $filter) {
    nodes { id period member amount version }
    pageInfo { hasNextPage }
  }
}
"""

GOAL_MEMBERS = """
query GoalMembers($by: [SalesDimension!]!, $filter: SalesFilter) {
  salesSummary(groupBy: $by, filter: $filter, top: 100) { rows { keys { id label } } }
}
"""

SET_GOALS = """
mutation SetGoals($input: SetGoalsInput!) {
  setGoals(input: $input) {
    acceptedCount
    rejectedCount
    results { status userErrors { code message field } }
  }
}
"""

DELETE_GOALS = """
mutation DeleteGoals($input: DeleteGoalsInput!) {
  deleteGoals(input: $input) {
    acceptedCount
    results { userErrors { code message } }
  }
}
"""

COPY_GOALS = """
mutation CopyGoals($input: CopyGoalsInput!) {
  copyGoals(input: $input) { setCount sameCount keptCount rejectedCount }
}
"""

IMPORT_GOALS = """
mutation ImportGoals($input: ImportGoalsInput!) {
  importGoals(input: $input) {
    foundCount
    setCount
    sameCount
    rejectedCount
    problems { line column value message }
  }
}
"""

SET_GOAL_RULES = """
mutation SetGoalRules($input: SetGoalRulesInput!) {
  setGoalRules(input: $input) { rules { version } }
}
"""

GOALS_FEED = """
subscription GoalsFeed {
  feed(topics: [SALES, GOALS], snapshot: false) {
    __typename
    ... on FeedEvent { cursor recordedAt }
    ... on FeedGap { cursor reason }
    ... on FeedHeartbeat { cursor serverTime }
  }
}
"""

GOALS_DOCUMENTS = MappingProxyType(
    {
        "page": GOALS_PAGE,
        "grid": GOAL_GRID,
        "members": GOAL_MEMBERS,
        "set": SET_GOALS,
        "delete": DELETE_GOALS,
        "copy": COPY_GOALS,
        "import": IMPORT_GOALS,
        "rules": SET_GOAL_RULES,
        "feed": GOALS_FEED,
    }
)
"""All of them; a test validates each."""
