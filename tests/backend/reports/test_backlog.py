"""What /metrics tells of the work that is left."""

import re
from datetime import date

from tests.backend.analytics import brute
from tests.world import run_sql


def told(text):
    found = re.findall(r"^shelfcast_((?:reports|retention)_\w+) (\S+)$", text, re.MULTILINE)
    return {name: float(value) for name, value in found}


async def test_figures_tell_how_many_reports_wait_and_for_how_long(
    client, owner_url, scheduled, falls_due
):
    await scheduled()
    await falls_due()
    await run_sql(owner_url, "update report_runs set queued_at = now() - interval '1 hour'")

    figures = told((await client.get("/metrics")).text)

    assert figures["reports_waiting"] == 1
    assert figures["reports_waiting_seconds"] >= 3600


async def test_figures_tell_which_months_of_sales_are_to_go_and_are_still_there(
    client, owner_url, org_id
):
    await brute.fill(owner_url, org_id, sales=40)
    said = (
        "insert into sales_kept (kept_from, logged, said_at)"
        " values ($1::date, 0, now() - interval '1 day')"
    )
    months = "select count(*) as n from pg_class where relname ~ '^sale_lines_[0-9]{4}_[0-9]{2}$'"
    await run_sql(owner_url, said, date(2100, 1, 1))
    [row] = await run_sql(owner_url, months)

    figures = told((await client.get("/metrics")).text)

    assert figures["retention_months_waiting"] == row["n"] > 0
    assert figures["retention_waiting_seconds"] >= 86_400
