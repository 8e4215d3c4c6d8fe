"""What the worker does for the agents: notices those that fell silent, goes on with roll-outs."""

import logging

from backend.app import pace_of
from backend.core.principal import program
from backend.core.settings import BackendSettings
from backend.fleet import progress, watch
from backend.identity.organisations import organisation_ids
from backend.infra.database import Database

log = logging.getLogger(__name__)


async def look_after(database: Database, settings: BackendSettings) -> None:
    """Do what is due for the agents of all organisations."""
    pace = pace_of(settings)
    for org_id in await organisation_ids(database):
        async with database.work(program(org_id, "worker")) as work:
            silent = await watch.find_silent(work, pace)
        async with database.work(program(org_id, "worker")) as work:
            await progress.go_on(work, pace)
        if silent:
            log.warning("%d agents fell silent", silent)
