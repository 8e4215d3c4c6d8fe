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


class InvalidConfiguration(Invalid):
    """A configuration that must not be given to these agents; `problems` says why, by line."""

    code = "INVALID_CONFIGURATION"


class InvalidRollout(Invalid):
    """A roll-out to nobody, to agents that are not there, or in waves that cannot be."""

    code = "INVALID_ROLLOUT"


class RolloutNotFound(NotFound):
    """No roll-out has this id, or it may not be seen."""

    code = "ROLLOUT_NOT_FOUND"


class RolloutOver(Conflict):
    """The roll-out is in a state in which this cannot be done."""

    code = "ROLLOUT_OVER"


class AgentInRollout(Conflict):
    """An agent is part of a roll-out that has not ended: end that one first."""

    code = "AGENT_IN_ROLLOUT"
