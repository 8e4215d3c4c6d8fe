"""What can be wrong with the embedded PostgreSQL, in words an operator can act on."""

from backend.core.errors import Unreachable


class EmbeddedError(Unreachable):
    """The embedded PostgreSQL cannot do what was asked."""


class DatabaseBusy(EmbeddedError):
    """A server already runs on this cluster."""

    def __init__(self, pid: int) -> None:
        super().__init__(f"a PostgreSQL server already runs on this data folder (process {pid})")
        self.pid = pid


class DatabaseBroken(EmbeddedError):
    """PostgreSQL refused to be created, started or stopped; the message carries its last words."""
