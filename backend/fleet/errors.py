"""What can be wrong with an agent, its code or its report."""

from backend.core.errors import Conflict, Invalid, NotAllowed, NotFound


class AgentNotFound(NotFound):
    """No agent has this id, or it may not be seen."""

    code = "AGENT_NOT_FOUND"


class NotAnAgent(NotAllowed):
    """Only a program that acts for itself reports as an agent."""

    code = "NOT_AN_AGENT"


class InvalidReport(Invalid):
    """A report with a part that cannot be."""

    code = "INVALID_REPORT"


class InvalidEnrolment(Invalid):
    """An enrolment code for a place or devices that are not there, or not of that place."""

    code = "INVALID_ENROLMENT"


class EnrolmentCodeNotFound(NotFound):
    """No enrolment code has this id, or it may not be seen."""

    code = "ENROLMENT_CODE_NOT_FOUND"


class EnrolmentCodeUsed(Conflict):
    """The code let an agent in already: revoke the agent instead."""

    code = "ENROLMENT_CODE_USED"
