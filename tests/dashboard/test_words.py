"""Whatever the backend may answer has words on the pages."""

from pathlib import Path

import pytest
from graphql import build_schema

from dashboard.figures import agents, goal_meter, goal_tables, reports
from dashboard.pages import goal_actions, organisation, report_orders
from dashboard.people import ROLES

SCHEMA = Path(__file__).parents[2] / "schema.graphql"
WORDS = {
    "AgentConfigurationState": agents.CONFIGURATIONS,
    "AgentDeviceState": agents.PORTS,
    "AgentState": agents.STATES,
    "AgentTrouble": agents.TROUBLES,
    "FiscalCalendar": organisation.CALENDARS,
    "GoalDimension": goal_actions.DIMENSIONS,
    "GoalPeriodKind": goal_actions.KINDS,
    "GoalStanding": goal_meter.STANDINGS,
    "LandingBasis": goal_tables.LANDINGS,
    "ProposalBasis": goal_tables.PROPOSALS,
    "ReportChannel": reports.CHANNELS,
    "ReportContentKind": report_orders.KINDS,
    "ReportFormat": report_orders.FORMATS,
    "ReportFrequency": reports.FREQUENCIES,
    "ReportReason": reports.REASONS,
    "ReportState": reports.STATES,
    "Role": ROLES,
    "RolloutAgentState": agents.MEMBERS,
    "RolloutState": agents.ROLLOUTS,
    "SeasonBasis": goal_tables.SEASONS,
}


@pytest.fixture(scope="module")
def schema():
    return build_schema(SCHEMA.read_text())


@pytest.mark.parametrize("name", WORDS)
def test_every_value_of_an_enum_is_called_something(schema, name):
    assert sorted(WORDS[name]) == sorted(schema.type_map[name].values)
