"""Numbers a shop gives itself to what it weighs or prices (GS1 prefixes 02 and 20 to 29).

What their digits mean is agreed by country or chain. A layout says it in 12 characters, the check
digit left out: the prefix in digits, then `I` for the item, `W` for weight, `P` for price, `N` for
a count, `V` for the check digit of that value. `28IIIIVWWWWW` is a German weight.
"""

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, Self

from biip.checksums import gs1_price_weight_check_digit
from msgspec.structs import replace

from backend.core.errors import Invalid
from backend.core.identifiers.faults import Fault
from backend.core.identifiers.gtin import Gtin, check_digit
from backend.core.identifiers.readings import Decoded, Undecodable

_FORM: Final = re.compile(r"(02|2\d)\d*I+V?(W+|P+|N+)(:[0-4])?")
_DECIMALS: Final = {"W": 3, "P": 2, "N": 0}
_LENGTH: Final = 12
_VERIFIED: Final = (4, 5)


class InvalidLayout(Invalid):
    """Not a layout of in-store numbers."""

    code = "INVALID_IN_STORE_LAYOUT"


@dataclass(frozen=True, slots=True)
class InStoreLayout:
    """How the numbers of one prefix are divided. Positions are those of the 13 digits."""

    prefix: str
    measure: str
    """W: kilograms, P: the price of all of it, N: a count."""
    start: int
    end: int
    verifier: int | None
    decimals: int

    @classmethod
    def read(cls, text: str) -> Self:
        """Return the layout that `text` describes: see the module, `:2` behind it for decimals.

        Raises:
            InvalidLayout: it describes none.
        """
        form, _, decimals = text.strip().partition(":")
        if not _FORM.fullmatch(text.strip()) or len(form) != _LENGTH:
            raise InvalidLayout(
                f"{text[:40]!r} is not 12 characters like 28IIIIVWWWWW: a prefix of 02 or 20 to "
                "29, I for the item, V or not, W or P or N for the value; behind it :2 or not",
                value=text[:40],
            )
        measure = form[-1]
        start, verifier = form.index(measure), form.find("V")
        if verifier >= 0 and _LENGTH - start not in _VERIFIED:
            raise InvalidLayout(f"{form}: only 4 or 5 digits have a check digit", value=form)
        return cls(
            prefix=form[: form.index("I")],
            measure=measure,
            start=start,
            end=_LENGTH,
            verifier=verifier if verifier >= 0 else None,
            decimals=int(decimals or _DECIMALS[measure]),
        )

    def decode(self, gtin: Gtin) -> Decoded | Undecodable:
        """Return the item, with its value taken out of the number, and the value."""
        digits = gtin[1:]
        value = digits[self.start : self.end]
        if self.verifier is not None:
            if int(digits[self.verifier]) != gs1_price_weight_check_digit(value):
                return Undecodable(Fault.WRONG_CHECK_DIGIT)
            digits = f"{digits[: self.verifier]}0{digits[self.verifier + 1 :]}"
        payload = f"0{digits[: self.start]}{'0' * len(value)}"
        item = Decoded(Gtin(payload + check_digit(payload)))
        amount = Decimal(value).scaleb(-self.decimals)
        if not amount:
            return item
        if self.measure == "P":
            return replace(item, price=amount)
        return replace(item, units=amount, net_weight_kg=amount if self.measure == "W" else None)


class InStoreLayouts(tuple[InStoreLayout, ...]):
    """The layouts of an installation; no two fit one number."""

    __slots__ = ()


NO_LAYOUTS: Final = InStoreLayouts()


def read_layouts(text: str) -> InStoreLayouts:
    """Return the layouts in a list separated by commas; none in an empty one.

    Raises:
        InvalidLayout: one is none, or one's prefix is the beginning of another's.
    """
    layouts = InStoreLayouts(InStoreLayout.read(one) for one in text.split(",") if one.strip())
    for place, layout in enumerate(layouts):
        for other in layouts[place + 1 :]:
            if layout.prefix.startswith(other.prefix) or other.prefix.startswith(layout.prefix):
                raise InvalidLayout(
                    f"{layout.prefix} and {other.prefix} overlap", value=other.prefix
                )
    return layouts


def by_value(found: Decoded | Undecodable, layouts: InStoreLayouts) -> Decoded | Undecodable:
    """Return a bare GTIN divided by the layout of its prefix; anything else as it is."""
    if isinstance(found, Undecodable) or found.gtin is None or found.elements:
        return found
    if found.gtin[0] == "0":
        for layout in layouts:
            if found.gtin.startswith(layout.prefix, 1):
                return layout.decode(found.gtin)
    return found
