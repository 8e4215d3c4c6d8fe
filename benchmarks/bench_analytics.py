"""Summaries over a million lines and more: from roll-ups, from the lines, and in DuckDB."""

import asyncio
import gc
import os
import statistics
import tempfile
import time
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import asyncpg
import httpx2

from backend.analytics import service as analytics
from backend.analytics.columns import copying
from backend.analytics.errors import SummariesBusy
from backend.analytics.presets import service as presets
from backend.analytics.presets.catalogue import PRESETS
from backend.analytics.presets.choices import Choice
from backend.analytics.rollups import keeping
from backend.analytics.rollups.standing import Standing
from backend.analytics.rules import Question, SalesDimension
from backend.core.errors import ShelfcastError
from backend.core.principal import Principal, program
from backend.core.scopes import Scope
from backend.infra import embedded
from backend.infra.columns import Columns
from backend.infra.database import Database
from backend.infra.migrator import migrate
from backend.infra.work import Reactions, Work
from backend.programs import command
from backend.sales.filters import SalesCriteria
from benchmarks import duck, instance, pages, panels, sale_lines
from benchmarks.cuts import cuts, cuts_of_three
from benchmarks.programs import free_port, serving
from benchmarks.results import Figure, Result, at_least, at_most, percentile

SIZES: Final = tuple(
    int(size) for size in os.environ.get("SHELFCAST_BENCH_LINES", "1000000").split(",")
)
"""How many lines; 10000000 takes ten minutes to fill and to roll up on a quiet machine."""
CUTS: Final = 60
PLAIN: Final = 6
LIMITED: Final = 20
THREE: Final = 100
MEMORY: Final = 1000
"""Megabytes for the copy as columns, as a backend takes them."""
APPLIED: Final = 300.0
"""Milliseconds in which a filter is applied."""
SLOWEST: Final = 12
SLOW: Final = 100.0
"""Milliseconds from which on an analysis has a line of its own."""
_D = SalesDimension


async def run() -> Result:
    """Fill, roll up and ask, for each size; objects are collected as rarely as in a backend."""
    gc.set_threshold(*command.GARBAGE)
    figures: list[Figure] = []
    notes: list[str] = []
    medians: list[float] = []
    for lines in SIZES:
        with embedded.temporary(durable=True) as server:
            await migrate(instance.settings(), server.owner_url, lambda _: None)
            found, median, said = await _measure(server.owner_url, lines)
        figures += found
        notes += said
        medians.append(median)
    if len(medians) > 1:
        times = SIZES[-1] / SIZES[0]
        what = f"{times:g} × the lines, time of random cuts"
        figures.append(at_most(what, medians[-1] / medians[0], "×", 1.5))
    return Result("analytics", figures, notes)


async def _measure(url: str, lines: int) -> tuple[list[Figure], float, list[str]]:
    owner = await asyncpg.connect(url)
    org_id = await owner.fetchval(
        "insert into organisations (id, code, name, currency, timezone)"
        " values (gen_random_uuid(), 'benchmark', 'Benchmark', 'USD', 'UTC') returning id"
    )
    started = time.perf_counter()
    count = await sale_lines.fill(url, org_id, lines)
    filled = time.perf_counter() - started
    name = f"{count / 1e6:.1f} million lines: "
    who = program(org_id, "benchmark")
    patient = instance.settings().model_copy(update={"statement_timeout": timedelta(minutes=5)})
    async with (
        Database(instance.settings(), url, Reactions()) as database,
        Database(patient, url, Reactions()) as plain,
        _folder() as folder,
        Columns(folder / "columns", memory=MEMORY) as database.columns,
    ):
        started = time.perf_counter()
        await keeping.catch_up(database, org_id)
        seconds = time.perf_counter() - started
        figures = [Figure(name + "history rolled up", count / seconds, "lines/s")]
        await owner.execute("vacuum analyze rollup_facts, rollup_cells")
        figures += await _sizes(owner, name)
        figures += await _copy(database, count, name)
        median, random_figures = await _random(database, who, name)
        figures += random_figures
        figures += await _three_filters(database, who, name)
        figures += await _limited(database, who, name)
        figures += await _presets(database, who, name)
        figures += await _panels(url, org_id, folder, name)
        figures += await _against(database, plain, who, url, org_id, name)
        figures += await _wall(database, who, name)
        figures += await _lag(database, owner, org_id, name)
    await owner.close()
    said = f"{name}spread over {sale_lines.DAYS} days, 40 locations; filled in {filled:.0f} s"
    return figures, median, [said]


async def _timed(database: Database, who: Principal, ask: Callable[[Work], Any]) -> float:
    """Return the milliseconds of one question in a unit of work of its own."""
    started = time.perf_counter()
    async with database.work(who, read_only=True) as work:
        await ask(work)
    return (time.perf_counter() - started) * 1000


async def _random(database: Database, who: Principal, name: str) -> tuple[float, list[Figure]]:
    times: list[float] = []
    slowest = ("", 0.0)
    for cut in cuts(CUTS):
        taken = [
            await _timed(
                database, who, lambda work, c=cut: analytics.summarise(work, c.question, c.criteria)
            )
            for _ in range(3)
        ]
        times.append(statistics.median(taken))
        if times[-1] > slowest[1]:
            slowest = ", ".join(cut.question.group_by), times[-1]
    p50, p95 = statistics.median(times), percentile(times, 95)
    return p50, [
        at_most(f"{name}{CUTS} random cuts, p50", p50, "ms", 20),
        at_most(f"{name}{CUTS} random cuts, p95", p95, "ms", 100),
        at_most(f"{name}the slowest of them ({slowest[0]})", slowest[1], "ms", 1000),
    ]


async def _three_filters(database: Database, who: Principal, name: str) -> list[Figure]:
    times = [
        statistics.median(
            [
                await _timed(
                    database,
                    who,
                    lambda work, c=cut: analytics.summarise(work, c.question, c.criteria),
                )
                for _ in range(3)
            ]
        )
        for cut in cuts_of_three(THREE)
    ]
    what = f"{name}{THREE} cuts with three filters over all time, "
    return [
        at_most(f"{what}p50", statistics.median(times), "ms", 300),
        at_most(f"{what}p95", percentile(times, 95), "ms", 300),
        Figure(f"{what}most", max(times), "ms"),
    ]


async def _presets(database: Database, who: Principal, name: str) -> list[Figure]:
    """Ask every analysis that has a name about all sales, as it is without any choice."""
    times: dict[str, float] = {}
    refused = 0
    for preset in PRESETS:
        try:
            times[preset] = await _timed(
                database,
                who,
                lambda work, p=preset: presets.analyse(work, p, SalesCriteria(), Choice()),
            )
        except ShelfcastError:
            refused += 1
    taken = list(times.values())
    slow = sorted((one for one in times if times[one] > SLOW), key=lambda one: -times[one])
    return [
        at_most(f"{name}{len(taken)} analyses, p50", statistics.median(taken), "ms", 20),
        at_most(f"{name}{len(taken)} analyses, p95", percentile(taken, 95), "ms", 100),
        *(at_most(f"{name}of them {preset}", times[preset], "ms", 1000) for preset in slow),
        Figure(f"{name}analyses refused: too many groups, or too slow", refused, ""),
    ]


async def _copy(database: Database, count: int, name: str) -> list[Figure]:
    """Copy all facts as columns, once."""
    assert database.columns is not None
    started = time.perf_counter()
    await copying.follow_all(database, database.columns)
    seconds = time.perf_counter() - started
    size = sum(one.stat().st_size for one in database.columns.folder.iterdir())
    return [
        Figure(f"{name}copied as columns", count / seconds, "lines/s"),
        Figure(f"{name}the copy", size / 1e6, "MB"),
    ]


@asynccontextmanager
async def _folder() -> AsyncGenerator[Path]:
    with tempfile.TemporaryDirectory() as folder:
        yield Path(folder)


async def _until_copied(at: str) -> None:
    """Wait until a backend has its own copy, or five minutes."""
    lag = ""
    async with httpx2.AsyncClient(base_url=at) as http, asyncio.timeout(300):
        while "shelfcast_columns_lag_facts 0" not in lag:
            await asyncio.sleep(1)
            lag = (await http.get("/metrics")).text


async def _panels(url: str, org_id: UUID, folder: Path, name: str) -> list[Figure]:
    """Ask a backend for every panel of every page, as pages open and of all time, filtered.

    Then press filters on the pages themselves.
    """
    client = await instance.make_client(url, org_id, "panels", Scope.ADMIN)
    port, dashboard_port = free_port(), free_port()
    environment = instance.environment_of(url, port, dashboard_port)
    environment |= {"SHELFCAST_DATA_DIR": str(folder)}
    figures: list[Figure] = []
    async with serving(instance.server_words(port), environment, instance.health_url(port)):
        token = await instance.fetch_token(port, *client)
        at = f"http://127.0.0.1:{port}"
        await _until_copied(at)
        for period, label in (("12m", "of 12 months"), ("all", "of all time")):
            asked = [
                one
                for filters in panels.FILTERS
                for one in await panels.ask(at, token, filters, period=period)
                if not one.code
            ]
            figures += _applied(asked, f"{name}panels {label} × {len(panels.FILTERS)} filters, ")
        what = f"{name}pages in a browser, "
        figures += await pages.measure(url, org_id, at, dashboard_port, what, APPLIED)
    return figures


def _applied(asked: list[panels.Asked], what: str) -> list[Figure]:
    times = [one.best for one in asked]
    within = 100 * sum(one <= APPLIED for one in times) / len(times)
    slow = sorted((one for one in asked if one.best > APPLIED), key=lambda one: -one.best)
    return [
        Figure(f"{what}{len(times)} answers, p50", statistics.median(times), "ms"),
        at_most(f"{what}p95", percentile(times, 95), "ms", APPLIED),
        Figure(
            f"{what}p95 of first answers", percentile([one.times[0] for one in asked], 95), "ms"
        ),
        Figure(f"{what}within {APPLIED:.0f} ms", within, "%"),
        *(
            Figure(f"{what}{one.panel}, {one.filtered or 'nothing'}", one.best, "ms")
            for one in slow[:SLOWEST]
        ),
    ]


_SELLER = """
select distributor_id as id, count(*) as sales from sales
 where distributor_id is not null group by 1 order by 2 desc limit 1
"""


async def _limited(database: Database, who: Principal, name: str) -> list[Figure]:
    """Ask some cuts as one who sees two stores only, and as a distributor, who has no cells."""
    async with database.work(who, read_only=True) as work:
        rows = await work.rows("select id from locations where code in ('store-1', 'store-2')")
        [seller] = await work.rows(_SELLER)
    parts = {
        "who sees two stores": replace(who, locations=frozenset(row["id"] for row in rows)),
        f"a distributor with {seller['sales']:,} sales": replace(who, partner=seller["id"]),
    }
    figures: list[Figure] = []
    for label, part in parts.items():
        times = [
            await _timed(
                database,
                part,
                lambda work, c=cut: analytics.summarise(work, c.question, c.criteria),
            )
            for cut in cuts(LIMITED, seed=3)
        ]
        said = f"{name}{LIMITED} cuts of {label}, p50"
        figures.append(at_most(said, statistics.median(times), "ms", 300))
        figures.append(Figure(f"{name}the same, p95", percentile(times, 95), "ms"))
    return figures


async def _against(
    database: Database, patient: Database, who: Principal, url: str, org_id: UUID, name: str
) -> list[Figure]:
    """Ask some of them of the plain lines too, and of DuckDB on the same rows."""
    asked = [cut for cut in cuts(CUTS) if cut.question.top is None][:PLAIN]
    ours: list[float] = []
    plain: list[float] = []
    for cut in asked:
        ours.append(
            await _timed(
                database, who, lambda work, c=cut: analytics.summarise(work, c.question, c.criteria)
            )
        )
        plain.append(
            await _timed(
                patient,
                who,
                lambda work, c=cut: analytics.answer(work, c.question, c.criteria, Standing()),
            )
        )
    with tempfile.TemporaryDirectory() as folder:
        ducks, counting = await duck.times(url, org_id, Path(folder))
    ratios = [b / a for a, b in zip(ours, plain, strict=True)]
    return [
        Figure(f"{name}a plain GROUP BY over the lines, median", statistics.median(plain), "ms"),
        at_least(f"{name}faster than that, median", statistics.median(ratios), "×", 20),
        Figure(f"{name}DuckDB, one table of the same rows, median", statistics.median(ducks), "ms"),
        Figure(f"{name}the same with distinct orders, as ours", statistics.median(counting), "ms"),
    ]


async def _wall(database: Database, who: Principal, name: str) -> list[Figure]:
    """Ask what a wall asks, alone and while eight ask for as much as they can."""
    today = SalesCriteria(first_day=date(2025, 12, 31), last_day=date(2025, 12, 31))

    async def pulse(work: Work) -> None:
        await analytics.summarise(work, Question((_D.CATEGORY,)), today)

    heavy = Question((_D.SUBCATEGORY, _D.SELLER, _D.STATE), top=50)
    refused = 0

    async def ask_for_much() -> None:
        nonlocal refused
        while True:
            try:
                async with database.work(who, read_only=True) as work:
                    await analytics.summarise(work, heavy, SalesCriteria())
            except SummariesBusy:
                refused += 1
                await asyncio.sleep(0.5)

    quiet = [await _timed(database, who, pulse) for _ in range(30)]
    asking = [asyncio.create_task(ask_for_much()) for _ in range(8)]
    await asyncio.sleep(1)
    busy = [await _timed(database, who, pulse) for _ in range(30)]
    for one in asking:
        one.cancel()
    await asyncio.gather(*asking, return_exceptions=True)
    return [
        Figure(f"{name}today by category, as a wall asks, p95", percentile(quiet, 95), "ms"),
        Figure(f"{name}the same while 8 ask for as much as they can", percentile(busy, 95), "ms"),
        Figure(f"{name}of those refused meanwhile as too many", refused, ""),
    ]


async def _lag(
    database: Database, owner: asyncpg.Connection, org_id: UUID, name: str
) -> list[Figure]:
    """Record 10,000 lines a second for ten seconds; look how old what is not rolled is.

    A backend copies what is rolled meanwhile.
    """
    stopping = asyncio.Event()
    keeper = asyncio.create_task(keeping.keep(database, stopping))
    copier = asyncio.create_task(_follow(database))
    lags: list[float] = []
    started, late = time.perf_counter(), 0.0
    for batch in range(50):
        due = started + batch * 0.2
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        late = max(late, time.perf_counter() - due)
        await sale_lines.sell(owner, org_id, 1_000_000_000 + batch * 10_000, 800)
        lag = await owner.fetchval(
            "select extract(epoch from clock_timestamp() - min(recorded_at))::float8 from event_log"
            " where org_id = $1 and seq > (select seq from rollup_cursors where org_id = $1)",
            org_id,
        )
        lags.append(lag or 0.0)
    stopping.set()
    await keeper
    copier.cancel()
    await asyncio.gather(copier, return_exceptions=True)
    return [
        Figure(f"{name}roll-up lag at 10,000 lines/s, median", statistics.median(lags), "s"),
        Figure(f"{name}the same, most", max(lags), "s"),
        Figure(f"{name}how late the lines themselves came at worst", late, "s"),
    ]


async def _follow(database: Database) -> None:
    while database.columns is not None:
        await copying.follow_all(database, database.columns)
        await asyncio.sleep(copying.PAUSE)


async def _sizes(owner: asyncpg.Connection, name: str) -> list[Figure]:
    async def of(*tables: str) -> float:
        size = """
            select sum(pg_total_relation_size(one)) / 1e6
              from (select unnest($1::text[])::regclass as one union
                    select part.relid from unnest($1::text[]) name,
                           pg_partition_tree(name::regclass) part) parts
        """
        return float(await owner.fetchval(size, tables) or 0)

    return [
        Figure(f"{name}sales and lines", await of("sales", "sale_lines"), "MB"),
        Figure(f"{name}facts", await of("rollup_facts"), "MB"),
        Figure(f"{name}cells", await of("rollup_cells"), "MB"),
    ]
