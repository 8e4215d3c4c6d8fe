"""What an EPC identifies, and how that is written."""

from calendar import monthrange
from datetime import date
from typing import Final
from urllib.parse import quote

import msgspec

from backend.core.identifiers.digital_links import Elements, digital_link
from backend.core.identifiers.epc.schemes import (
    BY_SCHEME,
    GRAI,
    NO_EXTENSION,
    SGLN,
    SGTIN,
    SSCC,
    Key,
    Scheme,
)
from backend.core.identifiers.gtin import Gtin

# TDS 2.3, 6.3: what stands in a URI as it is; the rest of GS1's 82 characters is escaped.
_IN_URI: Final = "!'()*+,-.:;=_"


class Epc(msgspec.Struct, frozen=True):
    """One physical object as its tag names it.

    `number` is the GS1 key with its check digit: GTIN, SSCC, GLN, GRAI without serial, GIAI.
    `serial` is None for SSCC and GIAI; of a GLN it is the extension, "0" for none. `prefix_length`
    counts the digits of the GS1 company prefix: None for `+` schemes, which do not tell. `dated` is
    the prioritised date of a DSGTIN+: application identifier and YYMMDD.
    """

    scheme: Scheme
    number: str
    serial: str | None = None
    prefix_length: int | None = None
    filter: int = 0
    dated: tuple[str, str] | None = None

    @property
    def key(self) -> Key:
        """The kind of GS1 key."""
        return BY_SCHEME[self.scheme].key

    @property
    def gtin(self) -> Gtin | None:
        """The trade item; None where the EPC names something else."""
        return Gtin(self.number) if self.key is SGTIN else None

    @property
    def elements(self) -> Elements:
        """The same as application identifiers with their values."""
        serial = self.serial or ""
        if self.key is SGTIN:
            return (("01", self.number), ("21", serial), *((self.dated,) if self.dated else ()))
        if self.key is SSCC:
            return (("00", self.number),)
        if self.key is SGLN:
            extension = () if serial == NO_EXTENSION else (("254", serial),)
            return (("414", self.number), *extension)
        return (("8003" if self.key is GRAI else "8004", self.number + serial),)

    @property
    def uri(self) -> str | None:
        """The pure identity EPC URI; None where the length of the company prefix is not known."""
        return self._written("id", self.serial)

    @property
    def class_uri(self) -> str | None:
        """The URI of all of its class (`….*`); None where there is no class, or no prefix."""
        return self._written("idpat", "*") if self.key in (SGTIN, GRAI) else None

    @property
    def digital_link(self) -> str:
        """The canonical GS1 Digital Link."""
        link = digital_link(self.elements)
        assert link is not None
        return link

    def lot_uri(self, lot: str) -> str | None:
        """Return the URI of a lot of its trade item; None where the prefix is not known."""
        return self._written("class", lot, name="lgtin")

    def day(self, ai: str) -> date | None:
        """Return the day the tag gives for an application identifier; None without one.

        A day 00 means the end of the month.
        """
        if self.dated is None or self.dated[0] != ai:
            return None
        return end_of(self.dated[1])

    def _written(self, kind: str, serial: str | None, name: str | None = None) -> str | None:
        if self.prefix_length is None:
            return None
        prefix, reference = self.key.divided(self.number, self.prefix_length)
        parts = [prefix, quote(reference, safe=_IN_URI)]
        if serial is not None:
            parts.append(quote(serial, safe=_IN_URI))
        return f"urn:epc:{kind}:{name or self.key.name}:{'.'.join(parts)}"


def end_of(yymmdd: str) -> date:
    """Return the day that YYMMDD names, of this century; day 00 is the last one of the month.

    Raises:
        ValueError: there is no such day.
    """
    year, month, day = 2000 + int(yymmdd[:2]), int(yymmdd[2:4]), int(yymmdd[4:])
    return date(year, month, day or monthrange(year, month)[1])
