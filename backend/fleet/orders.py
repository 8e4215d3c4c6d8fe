"""What an agent is told to run with, and what it made of it."""

from typing import Any, Final

from backend.fleet import rollout_statements as statements
from backend.fleet.configurations import OWN_FILE, documents_of
from backend.fleet.rules import AgentConfigurationState, Wanted
from backend.fleet.stages import RolloutAgentState
from backend.infra.work import Work

DEFAULT_TRIAL: Final = 120
_OUTCOME: Final = {
    AgentConfigurationState.CONFIRMED: RolloutAgentState.CONFIRMED,
    AgentConfigurationState.REJECTED: RolloutAgentState.FAILED,
    AgentConfigurationState.ROLLED_BACK: RolloutAgentState.FAILED,
}
"""What a trial that is over means for the roll-out."""


async def wanted_by(work: Work, agent: dict[str, Any]) -> Wanted | None:
    """Return what a locked agent is to run with and does not yet; None: nothing new.

    What it rejected or went back from it is not told again.
    """
    wanted: int = agent["wanted_version"] or OWN_FILE
    said, state = agent["configuration_version"] or OWN_FILE, agent["configuration_state"]
    if (wanted == said and state is not None) or (wanted == OWN_FILE and state is None):
        return None
    org_id = work.principal.org_id
    (document,) = await documents_of(work, [wanted])
    row = await work.row(statements.TRIAL_OF, org_id, wanted)
    await work.rows(statements.DELIVERED, org_id, agent["id"], work.now)
    return Wanted(wanted, document, row["trial_seconds"] if row else DEFAULT_TRIAL)


async def note_outcome(work: Work, agent: dict[str, Any]) -> None:
    """Note in the agent's roll-out what it says became of the configuration; it is locked."""
    state = agent["configuration_state"]
    outcome = _OUTCOME.get(AgentConfigurationState(state)) if state else None
    version: int | None = agent["configuration_version"]
    if outcome is None or version is None:
        return
    error = agent["configuration_error"] if outcome is RolloutAgentState.FAILED else None
    told = (agent["id"], version, outcome, work.now, error)
    await work.rows(statements.SETTLE, work.principal.org_id, *told)
