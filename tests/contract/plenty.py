"""A retailer with as much of everything as asked for, made through the mutations clients use."""

from datetime import UTC, datetime, timedelta

from backend.core.identifiers import Epc, Scheme, encode_epc
from backend.core.ids import new_id
from backend.reports.documents import pack
from tests.backend.reports.documents import full
from tests.contract.documents import operation
from tests.world import run_sql

ADD_USER = "insert into users (org_id, id, email, name, role) values ($1, $2, $3, $4, 'CLERK')"
ADD_SESSION = """
insert into sessions (org_id, id, user_id, digest, address, agent, expires_at)
values ($1, $2, $3, $4, '192.0.2.1', 'a browser', now() + interval '1 day')
"""
ADD_GRANT = """
insert into grants (org_id, id, client_id, user_id, session_id, scopes, created_at, last_used_at,
                    expires_at)
values ($1, $2, $3, $4, $5, '{sales:read}', now(), now(), now() + interval '30 days')
"""
ADD_CLIENT = """
insert into clients (org_id, id, client_id, name, scopes) values ($1, $2, $3, $4, '{sales:read}')
"""
ADD_ENTRY = """
select append_audit('PROGRAM', 'test', null, null, array['TESTED'], array[$2], array['{}'])
  from set_config('shelfcast.org', $1::uuid::text, false)
"""
ADD_AGENT = """
insert into agents (org_id, id, client_id, name, location_ids, state, enrolled_at, updated_at)
values ($1, $2, $3, $4, array(select id from locations where org_id = $1 order by code limit 2),
        'ENROLLED', now(), clock_timestamp())
"""
ADD_CODE = """
insert into enrolment_codes (org_id, id, digest, name, location_id, made_at, made_by, expires_at)
select $1, $2, $3, $4, id, clock_timestamp(), 'test', clock_timestamp() + interval '1 hour'
  from locations where org_id = $1 limit 1
"""
ADD_CONFIGURATION = """
with next as (
    insert into agent_configuration_versions as v (org_id, last_version) values ($1, 1)
    on conflict (org_id) do update set last_version = v.last_version + 1 returning last_version)
insert into agent_configurations (org_id, id, version, document, note, location_ids, made_at,
                                  made_by)
select $1, $2, last_version, $3, $3,
       array(select id from locations where org_id = $1 order by code limit 2), clock_timestamp(),
       'test'
  from next
"""
ADD_ROLLOUT = """
with made as (
    insert into agent_rollouts (org_id, id, configuration_version, state, wave, waves,
                                trial_seconds, grace_seconds, location_ids, started_at, started_by,
                                wave_started_at, finished_at)
    values ($1, $2, 1, 'CANCELLED', 0, 2, 120, 120,
            array(select id from locations where org_id = $1 order by code limit 2),
            clock_timestamp(), 'test', now(), now()))
insert into agent_rollout_members (org_id, rollout_id, agent_id, place, wave, state)
select $1, $2, id, 0, 0, 'SKIPPED' from agents where org_id = $1 limit 1
"""
ADD_PIVOT = """
insert into pivots (org_id, id, name, definition, sharing, roles, owner_id, created_at, changed_at)
values ($1, $2, $3, '{"rows": ["REGION"], "measures": ["NET_SALES"]}', 'ORGANISATION', '{}',
        'test', now(), clock_timestamp())
"""
A_BLOCK = '[{"kind": "TEXT", "title": "Words", "words": "Hm."}]'
ADD_BOARD = f"""
with board as (
    insert into boards (org_id, id, title, blocks, roles, location_ids, owner_id, published_number,
                        created_at, changed_at)
    values ($1, $2, $3, '{A_BLOCK}', '{{}}', '{{}}', 'test', 1, now(), clock_timestamp())),
  version as (
    insert into board_versions (org_id, board_id, number, title, blocks, published_at, published_by)
    values ($1, $2, 1, $3, '{A_BLOCK}', now(), 'test'))
insert into board_comments (org_id, id, board_id, author_id, text, made_at)
values ($1, $4, $2, 'test', $3, now())
"""
ADD_SCHEDULE = """
insert into report_schedules (org_id, id, name, content, formats, frequency, due_time, due_day,
    resends_restated, user_id, client_id, scopes, created_at, updated_at)
values ($1, $2, $3, $4, '{PDF}', 'WEEKLY', '07:00', 1, false,
        (select id from users where org_id = $1 limit 1), 'test', '{admin}', clock_timestamp(),
        now())
"""
ADD_RECIPIENT = """
insert into report_recipients (org_id, schedule_id, id, channel, user_id, timezone, next_due_at)
values ($1, $2, $2, 'EMAIL', (select id from users where org_id = $1 limit 1), 'UTC',
        now() + interval '1 day')
"""
ADD_RUN = """
insert into report_runs (org_id, id, effect_key, reason, schedule_id, name, content, formats,
    channel, user_id, client_id, timezone, state, queued_at, finished_at, restated_at)
values ($1, $2, $2::uuid::text, 'SCHEDULED', $3, $4, $5, '{PDF}', 'EMAIL',
        (select id from users where org_id = $1 limit 1), 'test', 'UTC', 'SENT',
        clock_timestamp(), now(), now())
"""
ADD_FILE = """
insert into report_files (org_id, run_id, format, size, digest, content, made_at)
values ($1, $2, $3, 1, 'x', $4, now())
"""
CONTENT = '{"kind": "PAGE", "name": "overview", "filter": {}, "choice": {}}'
_YEAR = datetime.now(UTC).year


def numbered_gtin(number):
    """Return a GTIN-14 of its own for each number."""
    digits = f"{4_000_000 + number:013d}"
    total = sum(int(digit) * (3 - index % 2 * 2) for index, digit in enumerate(digits))
    return f"{digits}{-total % 10}"


def tag_of(gtin, serial):
    """Return what the tag of a piece holds, in hexadecimal."""
    return encode_epc(Epc(Scheme.SGTIN_96, gtin, str(serial), 7))


def moment(minutes_ago):
    """Return a moment of the past as clients write it."""
    return (datetime.now(UTC) - timedelta(minutes=minutes_ago)).isoformat()


def batches(count, mark):
    """Return mutations in the order in which they must be sent, as (name, input) pairs.

    Each has `count` rows, each row all its fields and relations of its own; `mark`, a letter,
    keeps apart what two calls make. At most 100 rows.
    """
    numbers = range(count)
    place = {
        "latitude": 41.5, "longitude": -87.5, "city": "Chicago", "state": "Illinois",
        "postalCode": "60601", "region": "Central", "country": "United States",
        "attributes": {"floor": 2},
    }  # fmt: skip

    def named(kind):
        return [f"{mark}-{kind}{n:02}" for n in numbers]

    skus, stores, suppliers = named("P"), named("S"), named("D")
    sold = [
        {"sku": sku, "quantity": 2, "unitPrice": "3", "discount": "0.5", "tax": "0.2"}
        for sku in skus[:5]
    ]
    points = [{"code": "till", "role": "CHECKOUT"}, {"code": "in", "role": "RECEIVING"}]
    return [
        ("upsertDistributors", {"distributors": [
            {"code": code, "name": f"Supplier {code}", **place} for code in suppliers
        ]}),
        ("upsertLocations", {"locations": [
            {"code": code, "name": f"Store {code}", "kind": "STORE", "timezone": "America/Chicago",
             "salesSource": "POS", "openingDays": ["MONDAY"], **place} for code in stores
        ]}),
        ("upsertProducts", {"products": [
            {"sku": skus[n], "name": f"Product {n}", "category": f"{mark} {n}",
             "subcategory": f"{mark} {n} below", "price": "4.5", "cost": "2",
             "gtins": [{"gtin": numbered_gtin(n + 100 * ord(mark))}],
             "distributor": suppliers[n], "reorderPoint": 1000, "attributes": {"color": "red"}}
            for n in numbers
        ]}),
        ("upsertPromotions", {"promotions": [
            {"code": code, "name": code, "startsOn": f"{_YEAR}-01-01",
             "endsOn": f"{_YEAR}-12-31", "discountRate": "0.1", "skus": skus[:5],
             "locations": stores[:5]} for code in named("A")
        ]}),
        ("upsertCustomers", {"customers": [
            {"reference": reference, "segment": "Consumer", "name": "Jane",
             "email": "j@roe.example", "phone": "1", "address": "2"} for reference in named("C")
        ]}),
        ("upsertDevices", {"devices": [
            {"code": code, "name": code, "location": store,
             "readPoints": points}
            for code, store in zip(named("R"), stores, strict=True)
        ]}),
        ("adjustStock", {"adjustments": [
            {"idempotencyKey": f"{mark}-a{n}", "sku": skus[n], "location": stores[n], "delta": 5,
             "reason": "RECEIVED", "reference": "DN-1"} for n in numbers
        ]}),
        ("countStock", {"counts": [
            {"idempotencyKey": f"{mark}-c{n}", "sku": skus[n], "location": stores[n],
             "quantity": 7, "expected": 5} for n in numbers
        ]}),
        ("recordSales", {"sales": [
            {"idempotencyKey": f"{mark}-s{n}", "location": stores[n], "channel": "IN_STORE",
             "soldAt": moment(n + 1), "distributor": suppliers[n], "soldBy": "Ann",
             "customer": f"{mark}-C{n:02}", "currency": "EUR", "exchangeRate": "1.1",
             "shipTo": {"city": "Berlin", "country": "Germany"}, "lines": sold} for n in numbers
        ]}),
        ("recordReturns", {"returns": [
            {"idempotencyKey": f"{mark}-b{n}", "location": stores[n], "returnedAt": moment(0),
             "sale": f"{mark}-s{n}", "lines": [{"sku": skus[0], "quantity": 1}]} for n in numbers
        ]}),
        ("ingestReads", {"device": f"{mark}-R00", "sentAt": moment(0), "clockSkewMs": 0, "reads": [
            {"key": f"{mark}-{n}-{kind}", "readPoint": point, "code": code, "observedAt": moment(n),
             "symbology": symbology, "seq": n, "count": 1, "rssi": -40.5, "antenna": 1}
            for n in numbers
            for kind, point, code, symbology in (
                ("known", "in", numbered_gtin(n + 100 * ord(mark)), None),
                ("lost", "till", f"{mark}?{n}", None),
                ("tag", "in", tag_of(numbered_gtin(n + 100 * ord(mark)), n), "EPC"),
            )
        ]}),
        ("setGoals", {"goals": [
            {"period": str(_YEAR), "dimension": "LOCATION", "member": store, "amount": "100",
             "measure": "NET_SALES", "version": 0} for store in stores
        ]}),
        ("setSupplyTerms", {"terms": [
            {"sku": sku, "location": store, "leadTimeDays": 3, "reviewDays": 1,
             "serviceLevel": "0.9", "packSize": "6", "minimum": "12", "coverDays": 60, "version": 0}
            for sku, store in zip(skus, stores, strict=True)
        ]}),
        ("upsertProductSizes", {"sizes": [
            {"sku": sku, "widthCm": "10", "heightCm": "20.5", "depthCm": "8"} for sku in skus
        ]}),
        ("upsertShelves", {"shelves": [
            {"code": code, "location": store, "refillDays": 2,
             "boards": [{"widthCm": "400", "heightCm": "30", "depthCm": "40"}] * 2,
             "shares": [{"kind": "BRAND", "name": "Own", "share": "0.1"}],
             "products": [{"sku": sku, "facings": 1, "board": 1, "block": "one"} for sku in skus]}
            for code, store in zip(named("H"), stores, strict=True)
        ]}),
    ]  # fmt: skip


async def fill(ask, count, mark):
    """Send all batches; every row must be accepted. Return the statements of each mutation."""
    statements = {}
    for name, sent in batches(count, mark):
        answer, statements[name] = await ask(operation("Mutation", name), {"input": sent})
        assert answer[name]["rejectedCount"] == 0, (name, answer)
    return statements


async def add_people(owner_url, org_id, count, mark):
    """Add people, each with a session, clients, and many more entries of the audit log."""
    for number in range(count):
        name, user_id = f"{mark}{number}", new_id()
        email = f"{name}@shop.example".lower()
        await run_sql(owner_url, ADD_USER, org_id, user_id, email, f"{name} person")
        await run_sql(owner_url, ADD_CLIENT, org_id, new_id(), f"sc_{name}", f"{name} till")
        session_id = new_id()
        await run_sql(owner_url, ADD_SESSION, org_id, session_id, user_id, name.encode())
        grant = (new_id(), f"sc_{name}", user_id, session_id)
        await run_sql(owner_url, ADD_GRANT, org_id, *grant)
        for _ in range(8):
            await run_sql(owner_url, ADD_ENTRY, org_id, f"{name} entry")


async def add_agents(owner_url, org_id, count, mark):
    """Add agents with clients, codes that let more of them in, configurations and roll-outs."""
    for number in range(count):
        name = f"{mark}{number} agent"
        await run_sql(owner_url, ADD_CLIENT, org_id, new_id(), f"sc_{name}", name)
        await run_sql(owner_url, ADD_AGENT, org_id, new_id(), f"sc_{name}", name)
        await run_sql(owner_url, ADD_CODE, org_id, new_id(), name.encode(), name)
        await run_sql(owner_url, ADD_CONFIGURATION, org_id, new_id(), f"# {name}")
        await run_sql(owner_url, ADD_ROLLOUT, org_id, new_id())


ADD_FORECAST_MODEL = """
insert into forecast_models (org_id, id, version, family, kind, origin, root_id, status, seed,
    horizon, series, first_seen, last_seen, trained_through, trained_at, promoted_at)
select $1, $2, coalesce(max(version), 0) + 1, 'WEEKDAY_MEAN', 'PERIODS', 'TRAINED', $2, $3, 0, 28,
       1, now(), now(), now(), clock_timestamp(), now()
  from forecast_models where org_id = $1
"""
ADD_FORECAST_RUN = """
insert into forecast_runs (org_id, id, kind, reason, status, requested_by, requested_at, heard_at)
values ($1, $2, 'TRAIN', 'ASKED_FOR', 'SUCCEEDED', 'test', clock_timestamp(), now())
"""


async def add_forecast_model(owner_url, org_id, status="RETIRED"):
    """Add a model that needs no content, and return its id."""
    model_id = new_id()
    await run_sql(owner_url, ADD_FORECAST_MODEL, org_id, model_id, status)
    return model_id


async def add_forecasts(owner_url, org_id, count):
    """Add models that forecast before, and runs that ended."""
    for _ in range(count):
        await add_forecast_model(owner_url, org_id)
        await run_sql(owner_url, ADD_FORECAST_RUN, org_id, new_id())


async def add_reports(owner_url, org_id, count, mark):
    """Add pivots and boards that everybody finds, schedules and runs of reports with files."""
    said = pack(full())
    for number in range(count):
        await run_sql(owner_url, ADD_PIVOT, org_id, new_id(), f"{mark}{number} pivot")
        await run_sql(owner_url, ADD_BOARD, org_id, new_id(), f"{mark}{number} board", new_id())
        name, schedule_id, run_id = f"{mark}{number} report", new_id(), new_id()
        await run_sql(owner_url, ADD_SCHEDULE, org_id, schedule_id, name, CONTENT)
        await run_sql(owner_url, ADD_RECIPIENT, org_id, schedule_id)
        await run_sql(owner_url, ADD_RUN, org_id, run_id, schedule_id, name, CONTENT)
        for form, content in (("DOCUMENT", said), ("PDF", b"%PDF")):
            await run_sql(owner_url, ADD_FILE, org_id, run_id, form, content)
