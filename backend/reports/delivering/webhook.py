"""A report as a webhook: a signed POST (Standard Webhooks) to an address of the public internet."""

import asyncio
import ipaddress
import logging
import secrets
import socket
from base64 import b64encode
from collections.abc import Sequence
from typing import Any, Final
from urllib.parse import SplitResult, urlsplit

import httpx2
import orjson
from standardwebhooks.webhooks import Webhook

from backend.infra.api.scalars import format_datetime
from backend.reports.delivering.parcel import Parcel
from backend.reports.errors import DeliveryRefused, InvalidWebhook, WebhookUnreachable

log = logging.getLogger(__name__)
SECRETS: Final = "webhooks of reports"
"""What the key is derived for that seals the secrets of receivers."""
TIMEOUT: Final = 15.0
LONGEST: Final = 2_000
_AGAIN: Final = frozenset({408, 425, 429})
_SECRET_BYTES: Final = 32
_TRANSLATED: Final = ipaddress.ip_network("64:ff9b::/96")
"""Addresses that a gateway leads to the IPv4 address they end with."""


def new_secret() -> str:
    """Return a secret as Standard Webhooks writes them."""
    return f"whsec_{b64encode(secrets.token_bytes(_SECRET_BYTES)).decode()}"


def check_address(url: str, private_hosts: Sequence[str], field: Sequence[str]) -> str:
    """Return an address that reports may be sent to, as far as its text tells.

    Raises:
        InvalidWebhook: not https, with a login or a fragment, or too long.
    """
    try:
        parts = urlsplit(url)
        is_private = parts.hostname in private_hosts
        is_good = parts.scheme == "https" or (is_private and parts.scheme == "http")
        is_good = is_good and parts.port != 0
    except ValueError as exc:
        raise InvalidWebhook("this is no address", field=field, value=url[:60]) from exc
    if not is_good or not parts.hostname or parts.username or parts.fragment or len(url) > LONGEST:
        raise InvalidWebhook(
            "a webhook is an https:// address without login and fragment", field=field,
            value=url[:60],
        )  # fmt: skip
    return url


def body(parcel: Parcel) -> bytes:
    """Return what is sent: what the report is, its totals and sentences, links to its files."""
    document = parcel.document
    data: dict[str, Any] = {
        "id": str(parcel.run_id),
        "name": parcel.name,
        "title": document.title,
        "from": document.first,
        "to": document.last,
        "asOf": format_datetime(document.as_of),
        "currency": document.currency,
        "totals": document.totals,
        "isRestated": document.restates is not None,
        "isSample": document.is_sample,
        "summary": [{"title": title, "sentences": said} for title, said in parcel.sentences()],
        "files": [
            {
                "format": form.value,
                "size": file["size"],
                "sha256": bytes(file["digest"]).hex(),
                "url": parcel.address(form),
                "expiresAt": format_datetime(parcel.expires_at),
            }
            for form, file in parcel.files.items()
        ],
    }
    return orjson.dumps(
        {"type": "report.ready", "timestamp": format_datetime(parcel.now), "data": data}
    )


async def post(parcel: Parcel, url: str, secret: str, private_hosts: Sequence[str] = ()) -> None:
    """Send a report; its id is the same for every attempt.

    Raises:
        InvalidWebhook: the address is not one of the public internet.
        DeliveryRefused: the receiver does not want it.
        WebhookUnreachable: it does not answer, or asks to come again.
    """
    check_address(url, private_hosts, ["url"])
    parts, content = urlsplit(url), body(parcel)
    address = await _resolved(parts, private_hosts)
    message_id = str(parcel.run_id)
    headers = {
        "Host": parts.netloc,
        "Content-Type": "application/json",
        "User-Agent": "Shelfcast",
        "webhook-id": message_id,
        "webhook-timestamp": str(int(parcel.now.timestamp())),
        "webhook-signature": Webhook(secret).sign(message_id, parcel.now, content.decode()),
    }
    status = await _send(parts, address, headers, content)
    if 200 <= status < 300:
        return
    if status >= 500 or status in _AGAIN:
        raise WebhookUnreachable(f"the receiver answered {status}")
    raise DeliveryRefused(f"the receiver answered {status}")


async def _send(parts: SplitResult, address: str, headers: dict[str, str], content: bytes) -> int:
    """POST to the address that was looked at, not to what the name stands for a moment later."""
    host = f"[{address}]" if ":" in address else address
    port = f":{parts.port}" if parts.port else ""
    target = parts._replace(netloc=f"{host}{port}").geturl()
    extensions = {"sni_hostname": parts.hostname}
    try:
        async with (
            asyncio.timeout(TIMEOUT),
            httpx2.AsyncClient(follow_redirects=False, trust_env=False, timeout=TIMEOUT) as client,
            client.stream(
                "POST", target, headers=headers, content=content, extensions=extensions
            ) as answer,
        ):
            return answer.status_code
    except (httpx2.HTTPError, OSError, TimeoutError) as exc:
        log.warning("a webhook took no report: %s", type(exc).__name__)
        raise WebhookUnreachable("the receiver does not answer") from exc


async def _resolved(parts: SplitResult, private_hosts: Sequence[str]) -> str:
    """Return an address of the host; every one it has must be one of the public internet."""
    host, port = parts.hostname or "", parts.port or 443
    try:
        async with asyncio.timeout(TIMEOUT):
            found = await asyncio.get_running_loop().getaddrinfo(
                host, port, type=socket.SOCK_STREAM
            )
    except (OSError, TimeoutError, UnicodeError) as exc:
        raise WebhookUnreachable("the receiver's name cannot be found") from exc
    addresses = [str(one[4][0]).partition("%")[0] for one in found]
    if host not in private_hosts and not all(map(_is_public, addresses)):
        raise InvalidWebhook("reports are sent to the public internet only", field=["url"])
    return addresses[0]


def _is_public(address: str) -> bool:
    one = ipaddress.ip_address(address)
    inner = getattr(one, "ipv4_mapped", None) or getattr(one, "sixtofour", None)
    if one in _TRANSLATED:
        inner = ipaddress.ip_address(int(one) & 0xFFFF_FFFF)
    return one.is_global and not one.is_multicast and (inner is None or inner.is_global)
