import asyncio
import json

import pytest

from backend.core.settings import BackendSettings
from backend.programs import report
from backend.reports.press import Press
from tests.backend.analytics.presets.ledger import Shop
from tests.backend.reports.conftest import MONDAY
from tests.conftest import SECRET_KEY
from tests.world import run_sql


@pytest.fixture
async def url(owner_url, org_id, monkeypatch, tmp_path):
    shop = Shop(owner_url, org_id)
    await shop.open("north")
    await shop.list_product("TEA")
    await shop.sell("north", MONDAY, ("TEA", 20, "200", "40"))
    monkeypatch.setenv("SHELFCAST_DATABASE_URL", owner_url)
    monkeypatch.setenv("SHELFCAST_SECRET_KEY", SECRET_KEY)
    return tmp_path


async def in_a_thread(*arguments):
    return await asyncio.to_thread(report.main, list(arguments))


async def test_a_report_is_made_and_written_from_the_command_line(url, capsys):
    code = await in_a_thread(
        "run", "PAGE", "overview", "--from", str(MONDAY), "--to", str(MONDAY),
        "--format", "PDF", "--format", "CSV", "--output", str(url), "--json",
    )  # fmt: skip

    made = json.loads(capsys.readouterr().out)
    assert code == 0
    assert sorted(path.suffix for path in url.glob("the-business-*")) == [".csv", ".pdf"]
    assert len(made["files"]) == 2


async def test_a_report_that_a_worker_took_first_is_waited_for(url, owner_url, org_id, database):
    press = Press(database, BackendSettings.model_validate({"data_dir": url}))

    async def work():
        while not (rows := await run_sql(owner_url, "select id from report_runs")):
            await asyncio.sleep(0)
        await press.run(org_id, rows[0]["id"])

    working = asyncio.create_task(work())
    code = await in_a_thread("run", "PAGE", "overview", "--output", str(url))
    await working

    assert code == 0
    assert len(list(url.glob("the-business-*.pdf"))) == 1


async def test_a_report_that_cannot_be_is_told_in_one_line(url, capsys):
    code = await in_a_thread("run", "PAGE", "nothing", "--output", str(url))

    assert code == 1
    assert "shelfcast report: name is one of" in capsys.readouterr().err
