"""The one request the agent makes, and what the server's answers to it mean."""

from __future__ import annotations

import json
from http import HTTPStatus
from typing import TYPE_CHECKING

from edge_agent.clock import utc_text
from edge_agent.errors import Suspicion, UplinkRejected, UplinkUnauthorised, UplinkUnavailable
from edge_agent.reads import EPC, Verdict
from edge_agent.toml_table import is_list, is_table

if TYPE_CHECKING:
    from edge_agent.reads import Batch, StoredRead

INGEST_READS = """\
mutation IngestReads($input: IngestReadsInput!) {
  ingestReads(input: $input) {
    results { key status userErrors { code message field } }
  }
}
"""

TOO_LARGE = "TOO_LARGE"
_MAX_MESSAGE = 500

# Codes that mean "who you are forbids it": a fault of set-up, never of the reads.
ACCESS_CODES = frozenset({"UNAUTHENTICATED", "UNAUTHORIZED", "INVALID_TOKEN", "TOKEN_EXPIRED"})
_RIGHTS_CODES = frozenset({"FORBIDDEN", "NOT_ALLOWED", "INSUFFICIENT_SCOPE", "MISSING_SCOPE"})
# Codes, by their endings, and statuses of a server that lacks what it needs: they say nothing of
# the reads, which must wait together instead of being searched for a culprit.
_BUSY_CODES = ("UNAVAILABLE", "RATE_LIMITED", "THROTTLED", "BODY_TOO_SLOW")
_BUSY_STATUSES = frozenset({HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE})
# Codes, or their beginnings, that blame what was sent.
_BLAMING_CODES = ("BAD_", "INVALID", "LIMIT_EXCEEDED")
# clockSkewMs is a GraphQL Int.
MAX_SKEW_MS = 2**31 - 1
_DAY_MS = 86_400_000
_REFUSING_STATUSES = frozenset({HTTPStatus.BAD_REQUEST, HTTPStatus.UNPROCESSABLE_ENTITY})
_SUSPICIONS: dict[int, Suspicion] = {
    HTTPStatus.INTERNAL_SERVER_ERROR: Suspicion.CONTENT,
    HTTPStatus.GATEWAY_TIMEOUT: Suspicion.SIZE,
}


def encode_batch(batch: Batch, *, sent_at_ms: int, skew_ms: int | None) -> bytes:
    """Write the request body; `skew_ms` is this clock minus the server's, None when unknown.

    A clock that was never set is further off than the contract can say: then the days of it are
    taken off the times here, and the rest of it is told.

    A read is written the same way however often it is sent: the server compares contents. So it
    is whole days, which do not change with every reply that the skew is learnt from.
    """
    ahead_ms = 0
    if skew_ms is not None and abs(skew_ms) > MAX_SKEW_MS:
        ahead_ms = round(skew_ms / _DAY_MS) * _DAY_MS
        skew_ms -= ahead_ms
    variables: dict[str, object] = {
        "device": batch.device,
        "reads": [_read_input(row, ahead_ms) for row in batch.rows],
        "sentAt": utc_text(sent_at_ms - ahead_ms),
        "clockSkewMs": skew_ms,
    }
    request = {
        "query": INGEST_READS,
        "operationName": "IngestReads",
        "variables": {"input": variables},
    }
    return json.dumps(request, separators=(",", ":")).encode("ascii")


def read_verdicts(status: int, body: bytes, batch: Batch) -> list[Verdict]:
    """Return what the server decided, for the keys it named and we sent.

    Raises:
        UplinkUnauthorised: another token may help.
        UplinkUnavailable: no answer of our server, or one that says nothing of the reads.
        UplinkRejected: the request as a whole is refused.
    """
    if status == HTTPStatus.UNAUTHORIZED:
        raise UplinkUnauthorised("HTTP 401")
    if status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
        raise UplinkRejected(TOO_LARGE, "HTTP 413", is_certain=True)
    answer = _json_object(status, body)
    if status in _REFUSING_STATUSES or answer.get("errors"):
        _raise_request_error(status, answer)
    if status != HTTPStatus.OK:
        raise UplinkUnavailable(
            f"HTTP {status}", suspicion=_SUSPICIONS.get(status, Suspicion.NOTHING)
        )
    verdicts = _verdicts(answer, frozenset(batch.keys))
    if not verdicts:
        raise UplinkUnavailable("the answer names none of our reads", suspicion=Suspicion.CONTENT)
    return verdicts


def _read_input(row: StoredRead, ahead_ms: int) -> dict[str, object]:
    read = row.read
    written: dict[str, object] = {
        "key": read.key,
        "readPoint": read.read_point,
        "code": read.code,
        "symbology": read.symbology,
        "observedAt": utc_text(read.observed.wall_ms - ahead_ms),
        "seq": row.seq,
        # A tag that left was not seen again since it was last reported: null, not 0.
        "count": read.count or None,
    }
    if read.tag is not None:
        written |= {"rssi": read.tag.rssi, "antenna": read.tag.antenna}
        # Older agents sent neither, and a read is written the same way for ever.
        if read.symbology == EPC:
            written |= {
                "presence": read.tag.presence,
                "firstSeenAt": utc_text(read.tag.first_seen_ms),
            }
    return written


def _json_object(status: int, body: bytes) -> dict[str, object]:
    try:
        answer: object = json.loads(body)
    except ValueError:
        answer = None
    if not is_table(answer):
        # A captive portal answers 200 with a page; a proxy in between answers for a dead server.
        raise UplinkUnavailable(
            f"HTTP {status} without JSON", suspicion=_SUSPICIONS.get(status, Suspicion.NOTHING)
        )
    return answer


def _raise_request_error(status: int, answer: dict[str, object]) -> None:
    """Raise for `errors` in an answer: no read of the batch took effect, or none is known to."""
    errors = answer.get("errors")
    first = errors[0] if is_list(errors) and errors else None
    error = first if is_table(first) else {}
    extensions = error.get("extensions")
    code = str(extensions.get("code") or "") if is_table(extensions) else ""
    message = str(error.get("message") or f"HTTP {status}")[:_MAX_MESSAGE]
    if code in ACCESS_CODES:
        raise UplinkUnauthorised(code)
    if code in _RIGHTS_CODES or code.endswith(_BUSY_CODES) or status in _BUSY_STATUSES:
        raise UplinkUnavailable(f"{code}: {message}")
    if code.startswith(_BLAMING_CODES):
        raise UplinkRejected(code, message, is_certain=True)
    # GraphQL: without `data` and `path` the request was refused before anything ran.
    if status in _REFUSING_STATUSES or ("data" not in answer and "path" not in error):
        raise UplinkRejected(code or "REQUEST_REFUSED", message, is_certain=False)
    raise UplinkUnavailable(f"{code or 'server error'}: {message}", suspicion=Suspicion.CONTENT)


def _verdicts(answer: dict[str, object], sent: frozenset[str]) -> list[Verdict]:
    data = answer.get("data")
    payload = data.get("ingestReads") if is_table(data) else None
    results = payload.get("results") if is_table(payload) else None
    if not is_list(results):
        raise UplinkUnavailable("JSON, but not of ingestReads")
    # A key twice in one answer counts once.
    verdicts: dict[str, Verdict] = {}
    for result in filter(is_table, results):
        key, status = result.get("key"), result.get("status")
        if not isinstance(key, str) or key not in sent:
            continue
        if status in ("ACCEPTED", "DUPLICATE"):
            verdicts[key] = Verdict(key)
        elif status == "REJECTED":
            verdicts[key] = Verdict(key, *_first_user_error(result.get("userErrors")))
    return list(verdicts.values())


def _first_user_error(errors: object) -> tuple[str, str]:
    first = errors[0] if is_list(errors) and errors else None
    if not is_table(first):
        return "REJECTED", ""
    return str(first.get("code") or "REJECTED"), str(first.get("message") or "")[:_MAX_MESSAGE]
