"""What can go wrong for those who follow the log."""

from backend.core.errors import Unreachable


class FeedInterrupted(Unreachable):
    """A subscription without cursors cannot go on without a hole: subscribe anew."""

    code = "FEED_INTERRUPTED"


class FeedNotReady(Unreachable):
    """The log has not been reached since this process started."""

    code = "FEED_NOT_READY"
