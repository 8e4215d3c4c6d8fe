"""Databases for single tests, used again by the next one when nothing but rows was changed.

Copying the template takes longer than most tests; deleting a handful of rows does not.
"""

import itertools
from urllib.parse import urlsplit

import asyncpg

from backend.infra import embedded

# Months of sales that a test made, whose tables go with its rows.
_MONTHS = """
select inhrelid::regclass::text as name from pg_inherits
 where inhparent = 'sale_lines'::regclass and inhrelid::regclass::text <> all ($1::text[])
"""
_SHAPE = """
select (select array[count(*), max(oid::bigint)] from pg_class where relnamespace = any(spaces)),
       (select array[count(*), max(oid::bigint)] from pg_constraint),
       (select array[count(*), max(oid::bigint)] from pg_proc),
       (select array[count(*), max(oid::bigint)] from pg_policy),
       (select count(*) from pg_attribute),
       (select array_agg(nspname::text order by nspname) from pg_namespace where nspname !~ '^pg_'),
       (select array_agg(name order by name) from tortoise_migrations)
  from (select array_agg(oid) as spaces from pg_namespace where nspname !~ '^pg_') as known
"""
_END_SESSIONS = """
select pg_terminate_backend(pid) from pg_stat_activity
 where datname = current_database() and pid <> pg_backend_pid()
"""
_EMPTY = """
do $$
declare name text;
begin
    set local session_replication_role = replica;
    for name in select relname from pg_class
                 where relnamespace = 'public'::regnamespace and relkind in ('r', 'p')
                   and not relispartition and relname <> 'tortoise_migrations' loop
        execute format('delete from %I', name);
    end loop;
    delete from jobs.pgqueuer;
    delete from jobs.pgqueuer_log;
    delete from jobs.pgqueuer_schedules;
    delete from jobs.pgqueuer_statistics;
    insert into feed_epoch default values;
    perform setval('event_seq', 1);
end $$
"""


class Databases:
    """Gives out empty, migrated databases of one server."""

    def __init__(self, template_url):
        self._template_url = template_url
        self._numbers = itertools.count(1)
        self._idle = []
        self._shape = None
        self._months = []

    async def take(self):
        """Return the URL of an empty database that nobody else uses."""
        if self._idle:
            return self._idle.pop()
        name = f"test_{next(self._numbers)}"
        await self._administer(f"create database {name} template {embedded.DATABASE}")
        url = of_database(self._template_url, name)
        if self._shape is None:
            connection = await asyncpg.connect(url)
            self._shape = await connection.fetchrow(_SHAPE)
            self._months = [row["name"] for row in await connection.fetch(_MONTHS, [])]
            await connection.close()
        return url

    async def give_back(self, url):
        """Empty a database for the next test, or drop it if more than rows was changed."""
        connection = await asyncpg.connect(url)
        try:
            await connection.execute(_END_SESSIONS)
            for month in await connection.fetch(_MONTHS, self._months):
                await connection.execute(f"drop table {month['name']}")
            is_as_new = await connection.fetchrow(_SHAPE) == self._shape
            if is_as_new:
                await connection.execute(_EMPTY)
        finally:
            await connection.close()
        if is_as_new:
            self._idle.append(url)
        else:
            await self._administer(f"drop database {urlsplit(url).path[1:]} with (force)")

    async def _administer(self, statement):
        connection = await asyncpg.connect(of_database(self._template_url, "postgres"))
        try:
            await connection.execute(statement)
        finally:
            await connection.close()


def of_database(url, name):
    """Return the URL of another database of the same server."""
    return urlsplit(url)._replace(path=f"/{name}").geturl()
