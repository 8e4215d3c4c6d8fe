from datetime import timedelta

import pytest

from backend.app import reactions as all_reactions
from backend.core.principal import program
from backend.identity import organisations
from backend.programs.demo.demo_organisation import (
    CODE,
    demo_principal,
    ensure_demo_organisation,
)
from backend.programs.demo.load import load
from backend.stock import service as stock
from tests.world import add_organisation, run_sql

SPAN = timedelta(days=5)
COUNTS = """
select (select count(*) from sales) as sales, (select count(*) from stock_movements) as movements,
       (select count(*) from event_log) as entries, (select sum(version) from products) as products,
       (select count(*) from alerts where state = 'OPEN') as alerts,
       (select min(on_hand) from stock_levels) as lowest
"""

BOARDS = """
select b.width_mm, b.height_mm, sum(p.facings * z.width_mm) as taken, max(z.height_mm) as highest,
       count(*) as products
  from shelf_boards b
  join shelf_products p on p.org_id = b.org_id and p.shelf_id = b.shelf_id and p.board = b.number
  join product_sizes z on z.org_id = p.org_id and z.product_id = p.product_id
 group by b.shelf_id, b.number, b.width_mm, b.height_mm
"""


@pytest.fixture
def reactions():
    return all_reactions()


@pytest.fixture
async def demo(owner_url):
    return program(await add_organisation(owner_url, CODE, is_demo=True), "test")


class Broken(Exception):
    pass


def quiet(_doing, _done, _of):
    pass


def break_at(wanted):
    def report(doing, _done, _of):
        if doing == wanted:
            raise Broken

    return report


async def test_the_ledger_adds_up_and_what_is_low_has_its_alert(database, demo, owner_url):
    done = await load(database, demo, 1, quiet, SPAN)

    async with database.work(demo) as work:
        checked, mismatches = await stock.reconcile(work, None)
    (row,) = await run_sql(owner_url, COUNTS)
    (wrong,) = await run_sql(
        owner_url,
        """select count(*) from stock_levels l left join alerts a
             on a.location_id = l.location_id and a.product_id = l.product_id and a.state = 'OPEN'
            where (l.on_hand <= l.reorder_point) is distinct from (a.id is not null)""",
    )
    assert (checked, mismatches) == (12_370, [])
    assert (row["sales"], wrong[0]) == (done.orders + 2, 0)
    assert 40 <= row["alerts"] <= 50
    assert -3 <= row["lowest"] < 0


async def test_a_load_broken_off_goes_on_and_a_second_one_changes_nothing(
    database, demo, owner_url
):
    with pytest.raises(Broken):
        await load(database, demo, 1, break_at("receiving"), SPAN)

    done = await load(database, demo, 2, quiet, SPAN)
    (before,) = await run_sql(owner_url, COUNTS)
    again = await load(database, demo, 1, quiet, SPAN)

    (after,) = await run_sql(owner_url, COUNTS)
    assert (done.seed, done.lines, again.orders) == (1, 0, 0)
    assert before["sales"] == done.orders + 2
    assert dict(before) == dict(after)


async def test_this_and_the_last_quarter_are_planned_by_region_and_category(
    database, demo, owner_url
):
    done = await load(database, demo, 1, quiet, SPAN)

    goals = await run_sql(
        owner_url, "select period, kind, dimension, member, amount from goals order by 1, 3, 4"
    )
    regions = {row["member"] for row in goals if row["dimension"] == "REGION"}
    categories = {row["member"] for row in goals if row["dimension"] == "CATEGORY"}
    whole = {row["kind"] for row in goals if row["dimension"] == "ORGANISATION"}
    assert done.goals == len(goals)
    assert regions == {"Central", "East", "South", "West"}
    assert len(categories) == 10
    assert whole == {"MONTH", "QUARTER", "YEAR"}
    assert all(row["amount"] > 0 and row["amount"] % 1 == 0 for row in goals)


async def test_everything_on_the_shelves_of_the_demo_is_measured_and_fits_its_board(
    database, demo, owner_url
):
    done = await load(database, demo, 1, quiet, SPAN)

    boards = await run_sql(owner_url, BOARDS)
    assert done.shelves == 6
    assert len(boards) == 3 * (4 + 3)
    assert all(0 < row["taken"] <= row["width_mm"] for row in boards)
    assert all(row["highest"] <= row["height_mm"] for row in boards)
    assert sum(row["products"] for row in boards) == 3 * (52 + 27)


async def test_tills_count_once_the_past_is_told(database, demo, owner_url):
    await load(database, demo, 1, quiet, SPAN)

    sources = await run_sql(
        owner_url, "select distinct kind, sales_source from locations order by kind"
    )
    assert [tuple(row) for row in sources] == [
        ("STORE", "READS"),
        ("WAREHOUSE", "POS"),
        ("WEB_SHOP", "POS"),
    ]


async def test_a_real_retailer_is_left_alone(database, org_id, owner_url):
    await ensure_demo_organisation(owner_url)

    assert await demo_principal(database) is None


async def test_a_real_retailer_called_demo_is_left_alone(database, owner_url):
    await add_organisation(owner_url, CODE, is_demo=False)

    assert await demo_principal(database) is None


async def test_an_empty_installation_becomes_the_demo(database, owner_url):
    await ensure_demo_organisation(owner_url)

    principal = await demo_principal(database)

    assert principal is not None
    async with database.work(principal) as work:
        details = await organisations.describe(work)
    assert (details.is_demo, "demo" in details.name.lower()) == (True, True)
