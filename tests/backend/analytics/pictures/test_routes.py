import struct
import xml.etree.ElementTree as ElementTree
from datetime import date

import httpx2
import orjson
import pytest

from backend.app import create_app
from tests.backend.analytics import brute
from tests.live import issue_token, running

PATHS = ("/api/profit_by_item", "/api/frequency_of_sale")
SVG = {"accept": "image/svg+xml"}
JSON = {"accept": "application/json"}


@pytest.fixture
def get(client, token):
    """Asks for a picture: `await get(path, headers, scopes, **parameters)`."""

    async def run(path, headers=None, scopes=(), **parameters):
        bearer = {"Authorization": f"Bearer {await token(*scopes)}"}
        return await client.get(path, params=parameters, headers=bearer | (headers or {}))

    return run


def texts(svg):
    return [
        "".join(one.itertext())
        for one in ElementTree.fromstring(svg).iter("{http://www.w3.org/2000/svg}text")
    ]


@pytest.mark.parametrize("path", PATHS)
async def test_a_picture_comes_as_png_that_is_twice_as_large_as_its_points(
    get, owner_url, org_id, path
):
    await brute.fill(owner_url, org_id, sales=60)

    answer = await get(path)

    assert answer.status_code == 200
    assert answer.headers["content-type"] == "image/png"
    assert answer.content[:8] == b"\x89PNG\r\n\x1a\n"
    assert struct.unpack(">I", answer.content[16:20]) == (2000,)


@pytest.mark.parametrize("path", PATHS)
async def test_every_form_shows_the_same_figures(get, owner_url, org_id, path):
    lines = await brute.fill(owner_url, org_id, sales=60)

    rows = (await get(path, JSON)).json()
    said = texts((await get(path, SVG)).text)

    names = [column["name"] for column in rows["columns"]]
    groups, _ = brute.summarise(lines, ("PRODUCT",))
    assert {row[0] for row in rows["rows"]} == {keys[0] for keys in groups}
    if "orders" in names:
        shown = {row[0]: row[names.index("orders")] for row in rows["rows"]}
        assert shown == {keys[0]: one[7] for keys, one in groups.items()}
        assert {str(one) for one in shown.values()} <= set(said)
    assert {row[1] for row in rows["rows"]} <= set(said)


async def test_a_picture_says_what_it_is_about(get, owner_url, org_id):
    await brute.fill(owner_url, org_id, sales=60)
    chosen = {"from": "2018-01-01", "to": "2018-12-31", "categories": "Toys"}

    said = texts((await get(PATHS[0], SVG, **chosen)).text)

    assert said[0] == "Profit by item"
    assert said[1].startswith("Categories: Toys · ")
    assert " 2018 to " in said[1]
    assert "Profit, USD" in said
    assert said[-1].startswith("As of ")


async def test_the_largest_and_the_smallest_are_shown_and_the_rest_counted(get, owner_url, org_id):
    await brute.fill(owner_url, org_id, sales=60)
    rows = (await get(PATHS[0], JSON)).json()["rows"]

    said = texts((await get(PATHS[0], SVG, top=2, bottom=1)).text)

    assert [row[1] for row in rows if row[1] in said] == [row[1] for row in (*rows[:2], rows[-1])]
    assert f"… {len(rows) - 3} more …" in said


async def test_a_picture_without_sales_says_so(get):
    said = texts((await get(PATHS[1], SVG)).text)

    assert "no sales are recorded for these days" in said


@pytest.mark.parametrize(
    ("parameters", "code", "field"),
    [
        ({"colour": "red"}, "INVALID_PARAMETER", "colour"),
        ({"top": "0"}, "INVALID_PARAMETER", "top"),
        ({"top": "41"}, "INVALID_PARAMETER", "top"),
        ({"top": "²"}, "INVALID_PARAMETER", "top"),
        ({"bottom": "-1"}, "INVALID_PARAMETER", "bottom"),
        ({"zoom": "9" * 5000}, "INVALID_PARAMETER", "zoom"),
        ({"theme": "pink"}, "INVALID_PARAMETER", "theme"),
        ({"from": "yesterday"}, "INVALID_PARAMETER", "from"),
        ({"channels": "SMOKE"}, "INVALID_PARAMETER", "channels"),
        ({"from": "2018-02-01", "to": "2018-01-01"}, "INVALID_RANGE", "to"),
    ],
    ids=str,
)
async def test_a_parameter_that_makes_no_sense_is_named(get, parameters, code, field):
    answer = await get(PATHS[0], **parameters)

    (error,) = answer.json()["errors"]
    assert answer.status_code == 400
    assert error["extensions"]["code"] == code
    assert error["extensions"]["field"][-1] == field


@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        ("", "image/png"),
        ("*/*", "image/png"),
        ("text/html,application/xhtml+xml,image/avif,*/*;q=0.8", "image/png"),
        ("image/*", "image/png"),
        ("image/png;q=0.1, image/svg+xml", "image/svg+xml"),
        ("application/json", "application/json"),
        ("image/png;q=0, image/*;q=0.5", "image/svg+xml"),
    ],
)
async def test_the_form_follows_what_the_client_likes(get, accept, kind):
    answer = await get(PATHS[1], {"accept": accept})

    assert answer.headers["content-type"].partition(";")[0] == kind


async def test_a_form_it_does_not_come_in_is_refused(get):
    answer = await get(PATHS[1], {"accept": "text/html, image/png;q=0"})

    assert answer.status_code == 406
    assert answer.json()["errors"][0]["extensions"]["code"] == "NOT_ACCEPTABLE"


async def test_pictures_ask_for_a_token_and_its_scopes(get, client):
    nobody = await client.get(PATHS[1])
    narrow = await get(PATHS[1], scopes=("stock:read",))
    no_profit = await get(PATHS[0], scopes=("sales:read",))
    frequency = await get(PATHS[1], scopes=("sales:read",))

    assert nobody.status_code == 401
    assert nobody.headers["www-authenticate"].startswith("Bearer")
    assert (narrow.status_code, no_profit.status_code) == (403, 403)
    assert no_profit.json()["errors"][0]["extensions"]["scope"] == "analytics:read"
    assert frequency.status_code == 200


async def test_what_did_not_change_is_not_drawn_again(get, owner_url, org_id):
    await brute.fill(owner_url, org_id, sales=20)
    first = await get(PATHS[0], SVG)

    again = await get(PATHS[0], SVG | {"if-none-match": f'"x", W/{first.headers["etag"]}'})
    other = await get(PATHS[0], SVG | {"if-none-match": first.headers["etag"]}, theme="dark")

    assert (again.status_code, again.content) == (304, b"")
    assert other.status_code == 200
    assert first.headers["cache-control"] == "private, no-cache"
    assert first.headers["vary"] == "Authorization, Accept"


async def test_names_stand_in_a_picture_as_they_are_and_cannot_change_it(
    get, owner_url, org_id, database, principal
):
    await brute.fill(owner_url, org_id, sales=30)
    async with database.work(principal) as work:
        await work.rows(
            "update products set name = $2 where org_id = $1 and sku = 'Bread-0'",
            org_id,
            '</text><script>1</script> & "Bröd" \x0b\u202e',
        )

    svg = (await get(PATHS[1], SVG)).text
    png = await get(PATHS[1])

    assert '</text><script>1</script> & "Bröd"' in texts(svg)
    assert "<script" not in svg
    assert png.status_code == 200


async def test_pictures_cost_as_much_as_their_analyses(app, settings, owner_url, principal):
    narrow = settings.model_copy(update={"query_cost_burst": 500, "query_cost_rate": 0.001})
    async with running(create_app(narrow, owner_url)) as poor:
        bearer = {"Authorization": f"Bearer {await issue_token(poor, principal, ('admin',), None)}"}
        transport = httpx2.ASGITransport(poor)
        async with httpx2.AsyncClient(transport=transport, base_url=settings.origin) as http:
            within = {"from": date(2018, 1, 1).isoformat(), "to": "2018-03-31"}
            answers = [
                await http.get(PATHS[1], headers=bearer | JSON, params=within) for _ in range(6)
            ]

    assert [one.status_code for one in answers] == [200] * 5 + [429]
    assert int(answers[-1].headers["retry-after"]) > 0
    assert orjson.loads(answers[-1].content)["errors"][0]["extensions"]["code"] == "THROTTLED"
