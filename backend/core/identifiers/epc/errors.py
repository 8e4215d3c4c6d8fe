"""What is wrong with an EPC."""

from backend.core.errors import Invalid
from backend.core.identifiers.faults import Fault


class InvalidEpc(Invalid):
    """Not an EPC, or one its scheme cannot hold; `reason` says why."""

    code = "INVALID_EPC"

    def __init__(self, fault: Fault) -> None:
        super().__init__(f"not an EPC: {fault.explanation}", reason=fault.value)
        self.fault = fault
