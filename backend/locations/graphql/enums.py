"""The locations' closed sets, known to GraphQL before anything uses them."""

from backend.infra.api.described import enum_type
from backend.locations.rules import LocationKind, SalesSource, Weekday
from backend.locations.service import LocationOrder

enum_type(LocationKind)
enum_type(LocationOrder)
enum_type(SalesSource)
enum_type(Weekday)

__all__ = ["LocationKind", "LocationOrder", "SalesSource", "Weekday"]
