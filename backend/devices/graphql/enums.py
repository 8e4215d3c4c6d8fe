"""Enums of devices, described before any type uses them."""

from backend.devices.parked import ParkedOrder
from backend.devices.queries import DeviceOrder
from backend.devices.rules import ReadPointRole
from backend.infra.api.described import enum_type
from backend.pieces.graphql.enums import TagPresence

enum_type(DeviceOrder)
enum_type(ParkedOrder)
enum_type(ReadPointRole)

__all__ = ["DeviceOrder", "ParkedOrder", "ReadPointRole", "TagPresence"]
