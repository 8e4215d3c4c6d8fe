"""Keeps the tables of months: those to come are made, lines without one are taken to theirs."""

import logging
from datetime import UTC, datetime

from pgqueuer import SchedulerManager
from pgqueuer.models import Schedule

from backend.core.principal import program
from backend.core.settings import BackendSettings
from backend.identity.organisations import organisation_ids
from backend.infra.database import Database
from backend.programs import sales_retention
from backend.sales import months

log = logging.getLogger(__name__)


async def keep(database: Database) -> None:
    """Look after the tables of months, which are those of all organisations together."""
    for org_id in (await organisation_ids(database))[:1]:
        who = program(org_id, "worker")
        await months.provide_ahead(database, who, datetime.now(UTC).date())
        if settled := await months.settle(database, who):
            log.info("made the tables of %d months that sales had come for", settled)


def take_schedules(
    scheduler: SchedulerManager, database: Database, settings: BackendSettings
) -> None:
    """Make months of sales and let them go when it is time."""

    @scheduler.schedule("sale_months", "* * * * *")
    async def keep_months(_: Schedule) -> None:
        await keep(database)

    @scheduler.schedule("sales_retention", "17 * * * *")
    async def let_sales_go(_: Schedule) -> None:
        log.info("let go: %s", await sales_retention.let_go(database, settings, datetime.now(UTC)))
