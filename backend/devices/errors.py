"""What can be wrong with a read or a device."""

from backend.core.errors import Invalid, NotFound


class UnknownDevice(NotFound):
    """No device has this code."""

    code = "UNKNOWN_DEVICE"


class UnknownReadPoint(NotFound):
    """The device has no such read point."""

    code = "UNKNOWN_READ_POINT"


class UnknownLocation(NotFound):
    """No location has this code, or it may not be seen."""

    code = "UNKNOWN_LOCATION"


class InvalidRead(Invalid):
    """A read with a part that cannot be kept."""

    code = "INVALID_READ"


class InvalidDevice(Invalid):
    """A device with a part that cannot be."""

    code = "INVALID_DEVICE"
