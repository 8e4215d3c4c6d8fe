"""A retailer whose every text is a canary: none of them may sing in anybody else's answer."""

import json
import re
from dataclasses import dataclass, field

import httpx2

from backend.core.scopes import parse_scopes
from backend.identity import clients
from backend.identity.authentication import Identity
from backend.identity.rules import ClientTraits
from tests.contract import documents
from tests.contract.plenty import batches
from tests.world import run_sql

CANARY = "CANARY"
FREE_TEXTS = {
    "name", "city", "state", "postalCode", "region", "country", "soldBy", "segment", "email",
    "phone", "address", "category", "subcategory", "reference", "floor", "color",
}  # fmt: skip
CODES = {"code", "sku", "gtin", "idempotency_key", "key", "email", "client_id", "token_id"}
"""Columns of what an attacker may know."""
COLUMNS = """
select c.relname as name,
       array_agg(a.attname::text) filter (where a.atttypid = 'uuid'::regtype) as ids,
       array_agg(a.attname::text) filter (where a.atttypid = 'text'::regtype) as texts,
       bool_or(a.attname = 'org_id') as is_owned, array_agg(a.attname::text) as columns
  from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
 where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
 group by c.relname order by c.relname
"""


@dataclass(frozen=True)
class Caller:
    """Who sends GraphQL with a token of a client made for the purpose."""

    http: httpx2.AsyncClient
    token: str
    client_id: str

    async def send(self, body):
        headers = {"Authorization": f"Bearer {self.token}"}
        return await self.http.post("/graphql", json=body, headers=headers)

    async def ask(self, query, variables=None):
        answer = (await self.send({"query": query, "variables": variables})).json()
        assert not answer.get("errors"), answer["errors"]
        return answer["data"]


@dataclass
class Known:
    """What an attacker knows of a victim: codes, keys and ids by the names they go under.

    `secrets` is what no attacker ever sends: names, and the ids of further rows.
    """

    by_name: dict[str, list[str]] = field(default_factory=dict)
    ids: list[str] = field(default_factory=list)
    secrets: frozenset[str] = frozenset()

    def add(self, name, values):
        kept = self.by_name.setdefault(name, [])
        kept += [value for value in dict.fromkeys(values) if value not in kept]

    @property
    def anything(self):
        return sorted({value for values in self.by_name.values() for value in values})


async def caller(app, http, org, scopes="admin", locations=None, **limits):
    """Make a client of an organisation and return who sends with a token of its own."""
    service = app.state.services[Identity]
    async with service.database.work(org) as work:
        made = await clients.create_client(
            work, f"{CANARY} client", parse_scopes(scopes), locations, ClientTraits(**limits)
        )
    token = await service.issue_token(made.client_id, made.client_secret, None, "test")
    return Caller(http, token.access_token, made.client_id)


async def fill(ask, mark, count=3):
    """Make a retailer's goods, places, customers and sales, all of whose texts are canaries."""
    for name, sent in batches(count, mark):
        answer = await ask(documents.operation("Mutation", name), {"input": sung(sent, mark)})
        assert answer[name]["rejectedCount"] == 0, (name, answer)


def sung(value, mark, key=""):
    """Return an input with the canary before all that is not a number, a time or a choice."""
    if isinstance(value, dict):
        return {name: sung(one, mark, name) for name, one in value.items()}
    if isinstance(value, list):
        return [sung(one, mark, key) for one in value]
    if isinstance(value, str) and (value.startswith(f"{mark}-") or key in FREE_TEXTS):
        return f"{CANARY}-{value}"
    return f"{CANARY}-{value}" if key in ("customer", "sale") and value else value


async def known_of(owner_url, org_id, caller):
    """Return what is known of an organisation: of every table the codes, and ids of two rows."""
    known, everything = Known(), set()
    for table in await run_sql(owner_url, COLUMNS):
        if not table["is_owned"]:
            continue
        rows = await run_sql(owner_url, f"select * from {table['name']} where org_id = $1", org_id)
        everything |= tokens_in(json.dumps([dict(row) for row in rows], default=str))
        for column in table["ids"] or ():
            if column != "org_id":
                known.add("id", [str(row[column]) for row in rows[:2] if row[column]])
        for column in CODES & set(table["texts"] or ()):
            name = singular(table["name"]) if column == "code" else column
            for one in {name, column}:
                known.add(camel(one), [row[column] for row in rows if row[column]])
    for name in documents.lists():
        query = f"{{ {name}(first: 1) {{ pageInfo {{ endCursor }} }} }}"
        found = (await caller.ask(query))[name]["pageInfo"]["endCursor"]
        known.add(f"after {name}", [found] if found else [])
    known.add("sale", known.by_name["idempotencyKey"])
    known.add("customer", [f"{CANARY}-v-C00", f"{CANARY}-v-C01"])
    known.add("reference", known.by_name["customer"])
    known.ids = known.by_name["id"]
    sent = tokens_in(json.dumps(known.anything))
    known.secrets = frozenset(everything - sent)
    return known


def tokens_in(text):
    """Return the canaries, ids and GTINs that a text holds."""
    return set(re.findall(rf"{CANARY}[\w ?@.-]*", text)) | set(
        re.findall(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}|\b\d{14}\b", text)
    )


def camel(name):
    first, *rest = name.split("_")
    return first + "".join(map(str.title, rest))


def singular(name):
    return name[:-3] + "y" if name.endswith("ies") else name.removesuffix("s")


async def picture(owner_url, org_id, where="true", tables=None):
    """Return a digest of every table's rows of an organisation, those for which `where` holds."""
    found = {}
    for table in await run_sql(owner_url, COLUMNS):
        name = table["name"]
        if not table["is_owned"] or (tables is not None and name not in tables):
            continue
        condition = where if isinstance(where, str) else where.get(name)
        if condition is None:
            continue
        statement = (
            f"select count(*) as n, md5(coalesce(string_agg(t::text, '|' order by t::text), ''))"
            f" as digest from {name} t where org_id = $1 and {condition}"
        )
        (row,) = await run_sql(owner_url, statement, org_id)
        found[name] = (row["n"], row["digest"])
    return found
