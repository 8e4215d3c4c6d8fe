"""What a code says, or why it says nothing."""

from datetime import date
from decimal import Decimal

import msgspec

from backend.core.identifiers.digital_links import Elements, digital_link
from backend.core.identifiers.epc import Epc, Scheme
from backend.core.identifiers.faults import Fault
from backend.core.identifiers.gtin import Gtin
from backend.core.identifiers.prefixes import prefix_length


class Decoded(msgspec.Struct, frozen=True):
    """What a code says. `gtin` is None where it names something else, such as a parcel (`sscc`).

    `units` is an amount given in the code, to be multiplied with what its GTIN counts for: trade
    items of a logistic unit, kilograms of what is weighed. `price` is one given in the code, for
    all of it. `elements` are all application identifiers with their values, in order; empty for a
    bare GTIN. `epc` is there where it was read from a tag.
    """

    gtin: Gtin | None
    units: Decimal | None = None
    price: Decimal | None = None
    lot: str | None = None
    serial: str | None = None
    expires_on: date | None = None
    best_before: date | None = None
    net_weight_kg: Decimal | None = None
    sscc: str | None = None
    elements: Elements = ()
    epc: Epc | None = None

    @property
    def identifiers(self) -> Elements:
        """All application identifiers with their values, of a bare GTIN too."""
        return self.elements or ((("01", str(self.gtin)),) if self.gtin else ())

    @property
    def digital_link(self) -> str | None:
        """The canonical GS1 Digital Link; None where the code has no key that could be one."""
        return digital_link(self.identifiers)

    @property
    def epc_uri(self) -> str | None:
        """The pure identity EPC URI of the one object the code names.

        None where it names a kind, or where GS1 has not published the length of the company prefix.
        """
        named = self._object()
        return named.uri if named else None

    @property
    def epc_class_uri(self) -> str | None:
        """The EPC URI of the kind: of the lot where the code has one, else of the GTIN."""
        if self.epc is not None and self.epc.class_uri is not None:
            return self.epc.class_uri
        if self.gtin is None or (length := prefix_length(self.gtin[1:])) is None:
            return None
        kind = Epc(Scheme.SGTIN_198, self.gtin, None, length)
        return kind.lot_uri(self.lot) if self.lot else kind.class_uri

    def _object(self) -> Epc | None:
        if self.epc is not None and self.epc.prefix_length is not None:
            return self.epc
        if self.gtin and self.serial and (length := prefix_length(self.gtin[1:])) is not None:
            return Epc(Scheme.SGTIN_198, self.gtin, self.serial, length)
        if self.sscc and (length := prefix_length(self.sscc[1:])) is not None:
            return Epc(Scheme.SSCC_96, self.sscc, None, length)
        return None


class Undecodable(msgspec.Struct, frozen=True):
    """A code that says nothing we can use, and why."""

    reason: Fault

    @property
    def explanation(self) -> str:
        """The reason as the end of a sentence for people."""
        return self.reason.explanation
