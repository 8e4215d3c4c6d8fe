"""Enums of agents, described before any type uses them."""

from backend.fleet.configurations import AgentConfigurationOrder
from backend.fleet.lists import AgentOrder, EnrolmentCodeOrder
from backend.fleet.rollouts import AgentRolloutOrder
from backend.fleet.rules import (
    AgentConfigurationState,
    AgentDeviceState,
    AgentState,
    AgentTrouble,
)
from backend.fleet.stages import RolloutAgentState, RolloutState
from backend.infra.api.described import enum_type

for _enum in (
    AgentConfigurationOrder,
    AgentConfigurationState,
    AgentDeviceState,
    AgentOrder,
    AgentRolloutOrder,
    AgentState,
    AgentTrouble,
    EnrolmentCodeOrder,
    RolloutAgentState,
    RolloutState,
):
    enum_type(_enum)

__all__ = [
    "AgentConfigurationOrder",
    "AgentConfigurationState",
    "AgentDeviceState",
    "AgentOrder",
    "AgentRolloutOrder",
    "AgentState",
    "AgentTrouble",
    "EnrolmentCodeOrder",
    "RolloutAgentState",
    "RolloutState",
]
