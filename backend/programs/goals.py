"""What the worker does for goals: notices those that are reached and those that will be missed."""

import logging

from backend.analytics.goals import watching
from backend.analytics.goals.outlook import Outlooks
from backend.core.errors import ShelfcastError, Unreachable
from backend.core.principal import program
from backend.identity.organisations import organisation_ids
from backend.infra.database import Database

log = logging.getLogger(__name__)


async def look_after(database: Database, outlooks: Outlooks) -> None:
    """Judge the goals of all organisations; one that cannot be judged keeps none waiting."""
    for org_id in await organisation_ids(database):
        try:
            async with database.work(program(org_id, "goals")) as work:
                turned = await watching.judge(work, outlooks)
        except Unreachable:
            raise
        except ShelfcastError as exc:
            log.warning("the goals of %s cannot be judged: %s", org_id, exc)
            continue
        if turned:
            log.info("%d goals turned", turned)
