"""What can be wrong with entries of the older system."""

from backend.core.errors import Conflict, Invalid, TooMuch


class InvalidEntry(Invalid):
    """Entries that are no list of objects, or one with a field that cannot be."""

    code = "INVALID_ENTRY"


class TooManyEntries(TooMuch):
    """More entries than one request may have."""

    code = "TOO_MANY_ENTRIES"


class NothingLearned(Conflict):
    """Nothing was learned yet: train first."""

    code = "NOTHING_LEARNED"


class TrainingFailed(Conflict):
    """Training came to no end; `reason` says why."""

    code = "TRAINING_FAILED"
