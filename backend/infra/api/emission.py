"""What a subscription's resolver and the transport tell each other beside the items."""

from dataclasses import dataclass
from enum import Enum

from backend.core.cursors import FeedPosition


class Style(Enum):
    """What a subscriber that is slower than its subscription may miss."""

    LOG = "LOG"
    """Nothing."""
    KEYED = "KEYED"
    """Items of a key that are older than a later one."""
    LATEST = "LATEST"
    """All but the last item; whoever joins gets that at once."""


@dataclass(slots=True)
class Emission:
    """One per execution.

    A resolver that can be shared first brings its subscriber up to date and then offers to hand
    over. Where that is taken, it ends: the subscriber goes on with an execution that serves all
    who asked the same, begun at `resume`.
    """

    resume: FeedPosition | None = None
    """Set by the transport: go on after this position instead of the arguments'."""
    permission_changed: bool = False
    """Set by the transport: what may be seen is no longer what it was up to `resume`."""
    may_hand_over: bool = False
    """Set by the transport: this execution serves one subscriber that could join others."""
    is_shared: bool = False
    """Set by the transport: this execution serves many."""
    position: FeedPosition | None = None
    """Set by the resolver: where the item it yields lies."""
    key: str | None = None
    """Set by the resolver: what the item it yields is about."""
    handed_over: bool = False
    """Set by `hand_over`."""
    is_dissolved: bool = False
    """Set by the resolver: its subscribers must go on alone, each from its own position."""
    style: Style = Style.LOG

    def mark(self, position: FeedPosition, key: str | None = None) -> None:
        """Say where the item about to be yielded lies and what it is about."""
        self.position = position
        self.key = key

    def hand_over(self, position: FeedPosition, style: Style) -> bool:
        """Offer to go on with others after `position`; where this is taken, yield nothing more."""
        if self.may_hand_over:
            self.position, self.style, self.handed_over = position, style, True
        return self.handed_over

    def dissolve(self) -> None:
        """End a shared execution whose subscribers now need different things."""
        self.is_dissolved = True
