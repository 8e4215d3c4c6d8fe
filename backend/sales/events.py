"""What happens to sales."""

from typing import ClassVar

from backend.core.events import Event, Topic
from backend.sales.rules import Sale, SaleFact


class SaleRecorded(Event, frozen=True):
    """A sale took effect."""

    kind: ClassVar[str] = "SaleRecorded"
    topic: ClassVar[Topic] = Topic.SALES

    sale: Sale

    def fact(self) -> SaleFact:
        """Return the sale with the names of its products and location as they were."""
        return self.sale.fact()


class ReturnRecorded(Event, frozen=True):
    """A return took effect."""

    kind: ClassVar[str] = "ReturnRecorded"
    topic: ClassVar[Topic] = Topic.SALES

    sale: Sale

    def fact(self) -> SaleFact:
        """Return the return with the names of its products and location as they were."""
        return self.sale.fact()
