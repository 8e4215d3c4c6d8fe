"""Enums of agents, described before any type uses them."""

from backend.fleet.lists import AgentOrder, EnrolmentCodeOrder
from backend.fleet.rules import (
    AgentConfigurationState,
    AgentDeviceState,
    AgentState,
    AgentTrouble,
)
from backend.infra.api.described import enum_type

for _enum in (
    AgentOrder,
    EnrolmentCodeOrder,
    AgentState,
    AgentTrouble,
    AgentDeviceState,
    AgentConfigurationState,
):
    enum_type(_enum)


__all__ = [
    "AgentConfigurationState",
    "AgentDeviceState",
    "AgentOrder",
    "AgentState",
    "AgentTrouble",
    "EnrolmentCodeOrder",
]
