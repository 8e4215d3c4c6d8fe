"""What `shelfcast doctor` looks at: each check says what is wrong and how to mend it."""

import os
import shutil
import socket
import stat
import subprocess
import urllib.error
import urllib.request
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import asyncpg
import redis.asyncio
from redis.exceptions import RedisError

from backend.core.errors import ShelfcastError
from backend.core.settings import ROLES, BackendSettings
from backend.identity import audit
from backend.identity.keys import KeyRing
from backend.infra import embedded, jobs
from backend.infra.api.health import describe_schema
from backend.infra.database import Database
from backend.infra.migrator import applied
from backend.infra.secret_key import secret_key
from backend.infra.work import Reactions

LITTLE_SPACE: Final = 2_000_000_000
NO_SPACE: Final = 200_000_000
CLOCK_TOLERANCE: Final = timedelta(seconds=2)
_STORED_KEYS: Final = "select count(*) from signing_keys where retired_at is null"
_AGENTS: Final = """
select name, state, troubles, extract(epoch from now() - heard_at) / 60 as minutes
  from agents where state not in ('REVOKED', 'ENROLLED') order by name
"""
_AGENT_REMEDY: Final = "look at it on the page Devices, and on its machine: `shelfcast edge status`"
WORKER_SILENCE: Final = timedelta(minutes=3)
ROLLUP_LAG: Final = 1_000
"""Entries of the log that may wait to be rolled up before it is worth a word."""
_ROLLUPS: Final = """
select o.code, c.is_off, c.built_before,
       (select count(*) from event_log e where e.org_id = c.org_id and e.seq > c.seq
           and e.kind in ('SaleRecorded', 'ReturnRecorded')) as behind
  from rollup_cursors c join organisations o on o.id = c.org_id order by o.code
"""
_SALE_MONTHS: Final = """
select (select count(*) from (select from sale_lines_rest limit 100001) found) as waiting,
       (select count(*) from pg_inherits where inhparent = 'sale_lines'::regclass) - 1 as months,
       to_regclass('sale_lines_' || to_char(now() + interval '1 month', 'YYYY_MM')) is null as ends,
       (select kept_from from sales_kept) as kept_from,
       (select string_agg(h.code || ' (' || lower(replace(h.why, '_', ' ')) || ')', ', ')
          from sales_kept k cross join sales_hindrances(k.kept_from, k.logged) h) as hindrances
"""
OLDEST_VERSION: Final = 160_000
_TIMEOUT: Final = 5
_PROBE_TIMEOUT: Final = 1.5


class Verdict(StrEnum):
    """How bad a finding is."""

    OK = "ok"
    WARNING = "warning"
    BROKEN = "broken"


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check found; `remedy` says what to do, None when nothing is to be done."""

    subject: str
    verdict: Verdict
    words: str
    remedy: str | None = None


def ok(subject: str, words: str) -> Finding:
    """Return that all is well."""
    return Finding(subject, Verdict.OK, words)


def warning(subject: str, words: str, remedy: str) -> Finding:
    """Return something that works but should not stay so."""
    return Finding(subject, Verdict.WARNING, words, remedy)


def broken(subject: str, words: str, remedy: str) -> Finding:
    """Return something that does not work."""
    return Finding(subject, Verdict.BROKEN, words, remedy)


def check_folder(data_dir: Path) -> list[Finding]:
    """Look at the data folder: is it there, ours, private, and is there room."""
    if not data_dir.exists():
        return [ok("data folder", f"{data_dir} does not exist yet: the first start makes it")]
    if not os.access(data_dir, os.W_OK | os.X_OK):
        return [
            broken("data folder", f"{data_dir} cannot be written", f"chown it to {os.geteuid()}")
        ]
    findings = [_check_space(data_dir)]
    secrets = data_dir / "secrets.json"
    if secrets.exists() and stat.S_IMODE(secrets.stat().st_mode) & 0o077:
        findings.append(broken("secrets", "others can read secrets.json", f"chmod 600 {secrets}"))
    return findings


def _check_space(data_dir: Path) -> Finding:
    free = shutil.disk_usage(data_dir).free
    words = f"{free / 1e9:.1f} GB are free where {data_dir} lies"
    if free < NO_SPACE:
        return broken("disk", words, "make room: PostgreSQL stops when the disk is full")
    if free < LITTLE_SPACE:
        return warning("disk", words, "make room soon")
    return ok("disk", words)


def check_cluster(data_dir: Path) -> Finding:
    """Look at the embedded PostgreSQL before anything starts it."""
    pid = embedded.running_pid(data_dir)
    if pid:
        return ok("embedded PostgreSQL", f"runs (process {pid})")
    folder = embedded.cluster_folder(data_dir)
    if not folder.exists():
        return ok("embedded PostgreSQL", "has not been made yet: the first start makes it")
    state = _cluster_state(folder)
    if state in {"shut down", "shut down in recovery"}:
        return ok("embedded PostgreSQL", "is not running; it was shut down in order")
    return warning(
        "embedded PostgreSQL",
        f"is not running and was not shut down in order ({state or 'its state cannot be read'})",
        "nothing to do: it recovers by itself at the next start; if it does not, read"
        f" {data_dir / 'logs' / 'postgres.log'}",
    )


def _cluster_state(folder: Path) -> str | None:
    command = [str(embedded.client_program("pg_controldata")), "-D", str(folder)]
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, env={"LC_ALL": "C"}, timeout=_TIMEOUT
    )
    for line in done.stdout.splitlines():
        name, _, value = line.partition(":")
        if name == "Database cluster state":
            return value.strip()
    return None


def check_port(settings: BackendSettings) -> Finding:
    """Tell whether the backend runs, could run, or something else has its port."""
    subject = f"port {settings.port}"
    url = f"http://127.0.0.1:{settings.port}/healthz"
    try:
        with urllib.request.urlopen(url, timeout=_PROBE_TIMEOUT) as answer:
            if answer.headers.get("x-request-id"):
                return ok(subject, "the backend answers")
    except urllib.error.HTTPError:
        pass
    except OSError:
        return _check_free(settings, subject)
    remedy = (
        f"stop it, or choose another with SHELFCAST_PORT (`ss -ltnp 'sport = :{settings.port}'`)"
    )
    return broken(subject, "another program has it", remedy)


def _check_free(settings: BackendSettings, subject: str) -> Finding:
    try:
        with socket.create_server((settings.host, settings.port)):
            return ok(subject, "is free: the backend is not running")
    except OSError as exc:
        remedy = "stop the other program, or choose another port with SHELFCAST_PORT"
        return broken(subject, f"cannot be listened on: {exc.strerror}", remedy)


async def check_redis(settings: BackendSettings) -> Finding:
    """Tell whether Redis answers, where one is set."""
    if settings.redis_url is None:
        return ok("Redis", "is not used: each backend process follows the log itself")
    url = settings.redis_url.get_secret_value()
    where = urlsplit(url).hostname or urlsplit(url).path
    try:
        async with redis.asyncio.Redis.from_url(url, socket_timeout=_TIMEOUT) as client:
            await client.execute_command("PING")
    except (RedisError, OSError, TimeoutError) as exc:
        remedy = "start it or mend SHELFCAST_REDIS_URL; until then processes do not share events"
        return broken("Redis", f"{where} does not answer: {exc}", remedy)
    return ok("Redis", f"{where} answers")


async def check_database(settings: BackendSettings, url: str) -> list[Finding]:
    """Look into the database as its owner and as each role."""
    try:
        owner = await asyncpg.connect(url, timeout=_TIMEOUT)
    except (OSError, TimeoutError, asyncpg.PostgresError) as exc:
        remedy = "start PostgreSQL, or mend SHELFCAST_DATABASE_URL"
        return [broken("database", f"does not let us in: {exc}", remedy)]
    try:
        return [
            await _check_version(owner),
            await _check_clock(owner),
            *await _check_roles(settings, url),
            await _check_schema(owner),
            *await _check_content(settings, url, owner),
        ]
    finally:
        await owner.close()


async def _value(owner: asyncpg.Connection, statement: str) -> Any:
    return await owner.fetchval(statement)


async def _check_version(owner: asyncpg.Connection) -> Finding:
    number = int(await _value(owner, "show server_version_num"))
    if number < OLDEST_VERSION:
        return broken("database", f"is PostgreSQL {number // 10_000}", "use PostgreSQL 16 or newer")
    return ok("database", f"PostgreSQL {number // 10_000} answers")


async def _check_clock(owner: asyncpg.Connection) -> Finding:
    before = datetime.now(UTC)
    theirs = await _value(owner, "select clock_timestamp()")
    ours = before + (datetime.now(UTC) - before) / 2
    seconds = (ours - theirs).total_seconds()
    if abs(seconds) > CLOCK_TOLERANCE.total_seconds():
        which = "ahead of" if seconds > 0 else "behind"
        words = f"this machine's clock is {abs(seconds):.1f} s {which} the database's"
        return warning("clock", words, "let both follow a time server (timedatectl set-ntp true)")
    return ok("clock", "agrees with the database's")


async def _check_roles(settings: BackendSettings, url: str) -> list[Finding]:
    findings: list[Finding] = []
    for role in ROLES:
        subject = f"role shelfcast_{role}"
        try:
            connection = await asyncpg.connect(settings.role_url(role, url), timeout=_TIMEOUT)
            await connection.close()
        except (OSError, TimeoutError, asyncpg.PostgresError) as exc:
            remedy = "run `shelfcast migrate`: it creates the roles and sets their passwords"
            findings.append(broken(subject, f"cannot log in: {exc}", remedy))
    return findings or [ok("roles", "all can log in")]


async def _check_schema(owner: asyncpg.Connection) -> Finding:
    wrong = describe_schema(await applied(owner))
    if wrong:
        words, _, remedy = wrong.partition(": ")
        return broken("schema", words, remedy)
    return ok("schema", "is the one this version needs")


async def _check_content(
    settings: BackendSettings, url: str, owner: asyncpg.Connection
) -> list[Finding]:
    if not await owner.fetchval("select to_regclass('organisations') is not null"):
        return []
    findings: list[Finding] = []
    count = await owner.fetchval("select count(*) from organisations")
    if count == 0:
        findings.append(broken("organisation", "there is none", "run `shelfcast migrate`"))
    findings.append(await _check_keys(settings, url, owner))
    findings.append(await _check_worker(owner))
    findings += await _check_agents(owner)
    findings += await _check_sale_months(owner)
    findings += await _check_rollups(owner)
    findings += await _check_audit(owner)
    return findings


async def _check_keys(settings: BackendSettings, url: str, owner: asyncpg.Connection) -> Finding:
    stored = await _value(owner, _STORED_KEYS)
    try:
        async with Database(settings.model_copy(update={"pool_size": 1}), url, Reactions()) as db:
            usable = await KeyRing(db, secret_key(settings)).usable_count()
    except ShelfcastError as exc:
        return broken("signing keys", exc.message, "mend the database first")
    if usable < stored:
        words = f"{stored - usable} of {stored} were sealed with another secret key"
        remedy = "give all backends the same SHELFCAST_SECRET_KEY; tokens of the others are refused"
        return warning("signing keys", words, remedy)
    return ok("signing keys", f"{usable} usable" if usable else "made at the first token")


async def _check_worker(owner: asyncpg.Connection) -> Finding:
    if not await owner.fetchval("select to_regclass('jobs.pgqueuer_schedules') is not null"):
        return broken("worker", "its tables are missing", "run `shelfcast migrate`")
    last: datetime | None = await _value(owner, jobs.LAST_RUN)
    if last is None:
        return warning("worker", "has not run yet", "start `shelfcast worker` (`up` does)")
    silence = datetime.now(UTC) - last
    if silence > WORKER_SILENCE:
        words = f"was last heard of {silence.total_seconds() / 60:.0f} minutes ago"
        return warning("worker", words, "start `shelfcast worker`; nothing is purged without it")
    return ok("worker", "runs")


async def _check_agents(owner: asyncpg.Connection) -> list[Finding]:
    """Name the agents that are silent or in trouble; nothing where there are no agents."""
    if not await owner.fetchval("select to_regclass('agents') is not null"):
        return []
    agents = await owner.fetch(_AGENTS)
    if not agents:
        return []
    findings = [
        warning(f"agent {agent['name']}", _agent_words(agent), _AGENT_REMEDY)
        for agent in agents
        if agent["state"] == "SILENT" or agent["troubles"]
    ]
    return findings or [ok("agents", f"{len(agents)} are well, as far as they are to be heard")]


def _agent_words(agent: asyncpg.Record) -> str:
    if agent["state"] == "SILENT":
        return f"was last heard of {agent['minutes']:.0f} minutes ago"
    return "says " + ", ".join(agent["troubles"]).lower().replace("_", " ")


async def _check_sale_months(owner: asyncpg.Connection) -> list[Finding]:
    """Look whether every line of a sale lies in the table of its month."""
    if not await owner.fetchval("select to_regclass('sales_kept') is not null"):
        return []
    row = await owner.fetchrow(_SALE_MONTHS)
    assert row is not None, "a select without a table has one row"
    remedy = "start `shelfcast worker`: it makes the months and takes the lines there"
    if row["waiting"]:
        words = f"{row['waiting']} lines wait for the table of their month"
        return [warning("months of sales", words, remedy)]
    if row["ends"]:
        return [warning("months of sales", "next month has no table yet", remedy)]
    if row["hindrances"]:
        words = f"those before {row['kept_from']} wait to be let go, for {row['hindrances']}"
        return [
            warning("months of sales", words, "docs/retention.md says for what, and until when")
        ]
    since = "" if row["kept_from"] is None else f", kept from {row['kept_from']} on"
    return [ok("months of sales", f"{row['months']} tables, every line in its own{since}")]


async def _check_rollups(owner: asyncpg.Connection) -> list[Finding]:
    """Look how far what was sold is rolled up, for every organisation that has begun."""
    if not await owner.fetchval("select to_regclass('rollup_cursors') is not null"):
        return []
    findings: list[Finding] = []
    for row in await owner.fetch(_ROLLUPS):
        subject, behind = f"roll-ups of {row['code']}", row["behind"]
        if row["is_off"]:
            words = "were given up: sums are too large; summaries add up lines"
            findings.append(warning(subject, words, "record amounts in a larger unit of money"))
        elif row["built_before"] is not None:
            remedy = "wait: the worker does it; until then summaries add up lines"
            words = f"are being made, from {row['built_before']:%Y-%m} on"
            findings.append(warning(subject, words, remedy))
        elif behind > ROLLUP_LAG:
            words = f"are {behind} entries of the log behind"
            findings.append(warning(subject, words, "start `shelfcast worker`"))
        else:
            findings.append(ok(subject, f"{behind} entries of the log behind"))
    return findings


async def _check_audit(owner: asyncpg.Connection) -> list[Finding]:
    """Follow the audit log of every organisation from its first entry to its last."""
    if not await owner.fetchval("select to_regclass('audit_log') is not null"):
        return []
    findings: list[Finding] = []
    for chain in await audit.verify(owner):
        subject = f"audit log of {chain.organisation}"
        if chain.broken_seq is not None:
            words = f"entry {chain.broken_seq} does not hold: {chain.why}"
            remedy = "somebody changed it in the database: compare with a backup, find out who"
            findings.append(broken(subject, words, remedy))
        else:
            seal = f", the last sealed {chain.last_hash[:16]}…" if chain.entries else ""
            findings.append(ok(subject, f"{chain.entries} entries, unbroken{seal}"))
    return findings
