"""What the server, the clients and the benchmark of delivery agree on."""

from typing import Final

MESSAGES: Final = 400
PACE: Final = 0.005
"""Seconds between two messages."""
