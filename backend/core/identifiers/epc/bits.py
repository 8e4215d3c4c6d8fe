"""The bits of a tag, read and written from the left."""

from backend.core.identifiers.epc.errors import InvalidEpc
from backend.core.identifiers.faults import Fault


class BitReader:
    """Takes bits off the left end of a binary string."""

    def __init__(self, value: int, length: int) -> None:
        self._value = value
        self.left = length
        """How many bits have not been taken."""

    def take(self, count: int) -> int:
        """Return the next `count` bits as a number.

        Raises:
            InvalidEpc: there are not so many.
        """
        if count > self.left:
            raise InvalidEpc(Fault.TOO_SHORT)
        self.left -= count
        return (self._value >> self.left) & ((1 << count) - 1)


class BitWriter:
    """Appends bits to a binary string."""

    def __init__(self) -> None:
        self._value = 0
        self._length = 0

    def put(self, value: int, count: int) -> None:
        """Append `value` in `count` bits.

        Raises:
            InvalidEpc: it needs more.
        """
        if value >> count:
            raise InvalidEpc(Fault.OUT_OF_RANGE)
        self._value = self._value << count | value
        self._length += count

    def hex(self) -> str:
        """Return all bits in hexadecimal, filled up with zeros to whole words of 16 bits."""
        padding = -self._length % 16
        return f"{self._value << padding:0{(self._length + padding) // 4}X}"
