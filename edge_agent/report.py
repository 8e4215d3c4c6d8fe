"""What the agent tells the backend of itself, and what the answer asks of it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Final

from edge_agent.clock import utc_text
from edge_agent.errors import UplinkUnauthorised, UplinkUnavailable
from edge_agent.ingest import ACCESS_CODES, MAX_SKEW_MS
from edge_agent.losses import LossKind
from edge_agent.toml_table import is_list, is_table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from edge_agent.clock import Stamp
    from edge_agent.device import Device
    from edge_agent.keeper import OutboxHealth
    from edge_agent.rollout import Said

REPORT_AGENT: Final = """\
mutation ReportAgent($input: ReportAgentInput!) {
  reportAgent(input: $input) {
    heartbeatSeconds
    configuration { version document trialSeconds }
    userErrors { code message field }
  }
}
"""
MAX_DEVICES: Final = 200
_MAX_ERROR: Final = 500
_MAX_SECONDS: Final = 86_400


@dataclass(frozen=True, slots=True)
class Offer:
    """A configuration that the backend wants tried."""

    version: int
    document: str
    trial_seconds: int


@dataclass(frozen=True, slots=True)
class Instructions:
    """What the backend answers to a report."""

    heartbeat_s: int
    offer: Offer | None
    user_errors: tuple[str, ...]
    """What it does not know, such as a device."""


@dataclass(frozen=True, slots=True)
class Report:
    """All that is told; `clock_skew_ms` None while unknown."""

    version: str
    hostname: str
    started: Stamp
    sent: Stamp
    clock_skew_ms: int | None
    is_stopping: bool
    outbox: OutboxHealth
    devices: Sequence[Device]
    last_error: str | None
    said: Said | None

    def encode(self) -> bytes:
        """Write the body of the request."""
        request = {
            "query": REPORT_AGENT,
            "operationName": "ReportAgent",
            "variables": {"input": self._input()},
        }
        return json.dumps(request, separators=(",", ":")).encode("ascii")

    def _input(self) -> dict[str, object]:
        skew_ms = self.clock_skew_ms
        return {
            "version": self.version,
            "hostname": self.hostname,
            "bootId": self.sent.boot_id,
            "startedAt": utc_text(self.started.wall_ms),
            "sentAt": utc_text(self.sent.wall_ms),
            "clockSkewMs": skew_ms if skew_ms is None or abs(skew_ms) <= MAX_SKEW_MS else None,
            "isStopping": self.is_stopping,
            "outbox": self._outbox(),
            "devices": [_device(device) for device in self.devices[:MAX_DEVICES]],
            "lastError": (self.last_error or "")[:_MAX_ERROR] or None,
            "configuration": _configuration(self.said) if self.said else None,
        }

    def _outbox(self) -> dict[str, object]:
        counts, age_ms = self.outbox.counts, self.outbox.oldest_age_ms
        lost = dict.fromkeys(LossKind, 0)
        for loss in counts.losses:
            lost[loss.kind] += loss.count
        return {
            "depth": counts.depth,
            "bytes": counts.size_bytes,
            "refused": lost[LossKind.REFUSED],
            "dropped": lost[LossKind.DROPPED] + lost[LossKind.EXPIRED],
            "parked": counts.parked,
            # Not what its clock said then: that may have been set since.
            "oldestAt": None if age_ms is None else utc_text(self.sent.wall_ms - age_ms),
        }


def _device(device: Device) -> dict[str, object]:
    counters = device.counters
    last_ms = counters.last_read_ms
    return {
        "code": device.settings.code,
        "port": device.settings.port,
        "state": device.state,
        "protocol": device.settings.protocol,
        "reads": counters.reads,
        "garbage": counters.garbage,
        "lastReadAt": None if last_ms is None else utc_text(last_ms),
        "lastError": (counters.last_error or "")[:_MAX_ERROR] or None,
    }


def _configuration(said: Said) -> dict[str, object]:
    error = (said.error or "")[:_MAX_ERROR] or None
    return {"version": said.version, "state": said.state, "error": error}


def read_instructions(status: int, body: bytes) -> Instructions:
    """Return what the answer to a report says.

    Raises UplinkUnauthorised where another token may help, else UplinkUnavailable.
    """
    try:
        answer: object = json.loads(body)
    except ValueError:
        answer = None
    code = _error_code(answer)
    if status == HTTPStatus.UNAUTHORIZED or code in ACCESS_CODES:
        raise UplinkUnauthorised(code or "HTTP 401")
    data = answer.get("data") if is_table(answer) else None
    payload = data.get("reportAgent") if is_table(data) else None
    if status != HTTPStatus.OK or not is_table(payload):
        raise UplinkUnavailable(code or f"HTTP {status}, no answer to a report")
    errors = payload.get("userErrors")
    told = [one for one in errors if is_table(one)] if is_list(errors) else []
    return Instructions(
        _seconds(payload.get("heartbeatSeconds")) or 0,
        _offer(payload.get("configuration")),
        tuple(f"{one.get('code')}: {one.get('message')}"[:_MAX_ERROR] for one in told),
    )


def _offer(value: object) -> Offer | None:
    if not is_table(value):
        return None
    version, document = value.get("version"), value.get("document")
    seconds = _seconds(value.get("trialSeconds"))
    if not isinstance(version, int) or not isinstance(document, str) or seconds is None:
        return None
    return Offer(version, document, seconds)


def _seconds(value: object) -> int | None:
    return value if isinstance(value, int) and 0 < value <= _MAX_SECONDS else None


def _error_code(answer: object) -> str:
    errors = answer.get("errors") if is_table(answer) else None
    first = errors[0] if is_list(errors) and errors else None
    extensions = first.get("extensions") if is_table(first) else None
    return str(extensions.get("code") or "") if is_table(extensions) else ""
