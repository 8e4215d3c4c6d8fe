"""Devices and reads as clients see them."""

from backend.devices.graphql.fields import Mutation, Query
from backend.devices.graphql.inputs import IngestReadsInput, ReadInput
from backend.devices.graphql.types import Device, read_errors

__all__ = ["Device", "IngestReadsInput", "Mutation", "Query", "ReadInput", "read_errors"]
