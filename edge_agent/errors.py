"""What can go wrong at the edge.

EdgeError                code, message
  ProtocolError          the device's fault; the bytes are kept
  DeviceLost             the port is gone or never came; reconnect
  DeviceQuarantined      the device sends nothing but garbage; leave it alone for a while
  OutboxLocked           another agent owns this outbox
  UplinkRejected         poison: park it
  UplinkUnavailable      keep the reads and try again later
    UplinkUnauthorised   the token is not, or no longer, good
  PairingRefused         the code, or the server, was of no use
  SettingsInvalid        the configuration file, named with key and value
"""

from __future__ import annotations

from enum import StrEnum
from typing import ClassVar


class EdgeError(Exception):
    """Base of every failure the agent names; `code` is public and never renamed."""

    code: ClassVar[str] = "EDGE_ERROR"

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class ProtocolError(EdgeError):
    """A device, or a person on the command line, sent bytes that make no frame."""

    code: ClassVar[str] = "PROTOCOL_ERROR"

    def __init__(self, reason: str, raw: bytes = b"") -> None:
        super().__init__(reason)
        self.raw = raw


class DeviceLost(EdgeError):
    """A port cannot be opened or has hung up."""

    code: ClassVar[str] = "DEVICE_LOST"

    def __init__(self, port: str, reason: str) -> None:
        super().__init__(f"{port}: {reason}")
        self.port = port
        self.reason = reason


class DeviceQuarantined(EdgeError):
    """A device sent so much garbage that listening to it is no use for some `seconds`."""

    code: ClassVar[str] = "DEVICE_QUARANTINED"

    def __init__(self, port: str, seconds: float) -> None:
        super().__init__(
            f"{port}: sends nothing but garbage; quarantined for {seconds:.0f} s."
            " Is its baud rate or protocol another?"
        )
        self.seconds = seconds


class OutboxLocked(EdgeError):
    """Another process holds the lock beside the outbox file."""

    code: ClassVar[str] = "OUTBOX_LOCKED"


class UplinkRejected(EdgeError):
    """The server understood the request and will never take it as it is.

    `is_certain` says that the fault lies in the reads; otherwise it may be the server's, and a
    read is parked only once others have passed.
    """

    code: ClassVar[str] = "UPLINK_REJECTED"

    def __init__(self, reason: str, message: str, *, is_certain: bool) -> None:
        super().__init__(f"{reason}: {message}")
        self.reason = reason
        self.is_certain = is_certain


class Suspicion(StrEnum):
    """What about a batch may have kept an answer from coming."""

    NOTHING = "NOTHING"
    SIZE = "SIZE"
    CONTENT = "CONTENT"


class UplinkUnavailable(EdgeError):
    """No usable answer came; the reads stay.

    `retry_after` are the seconds the server asked for, None when it did not.
    """

    code: ClassVar[str] = "UPLINK_UNAVAILABLE"

    def __init__(
        self,
        message: str,
        *,
        retry_after: float | None = None,
        suspicion: Suspicion = Suspicion.NOTHING,
    ) -> None:
        super().__init__(message)
        self.retry_after = retry_after
        self.suspicion = suspicion


class UplinkUnauthorised(UplinkUnavailable):
    """The server does not accept the access token, or not for this."""

    code: ClassVar[str] = "UPLINK_UNAUTHORISED"


class PairingRefused(EdgeError):
    """The agent is no client of the backend; `is_final` where the code will never be good."""

    code: ClassVar[str] = "PAIRING_REFUSED"

    def __init__(self, message: str, *, is_final: bool = False) -> None:
        super().__init__(message)
        self.is_final = is_final


class SettingsInvalid(EdgeError):
    """One setting of the configuration file is missing or wrong; `value` None when it is absent."""

    code: ClassVar[str] = "SETTINGS_INVALID"

    def __init__(self, file: str, key: str, value: object, reason: str) -> None:
        shown = "" if value is None else f" = {value!r}"
        super().__init__(f"{file}: {key}{shown}: {reason}")
        self.file = file
        self.key = key
        self.value = value
        self.reason = reason
