"""Keeps the tables of months: those to come are made, lines without one are taken to theirs."""

import logging
from datetime import UTC, datetime

from backend.core.principal import program
from backend.identity.organisations import organisation_ids
from backend.infra.database import Database
from backend.sales import months

log = logging.getLogger(__name__)


async def keep(database: Database) -> None:
    """Look after the tables of months, which are those of all organisations together."""
    for org_id in (await organisation_ids(database))[:1]:
        who = program(org_id, "worker")
        await months.provide_ahead(database, who, datetime.now(UTC).date())
        if settled := await months.settle(database, who):
            log.info("made the tables of %d months that sales had come for", settled)
