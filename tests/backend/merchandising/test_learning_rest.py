"""The addresses that learn and predict, over real HTTP, with a real worker."""

import asyncio
from datetime import UTC, datetime, timedelta

import httpx2
import pytest

from backend.programs import worker
from tests.backend.merchandising.asking import UPSERT, shelf
from tests.live import issue_token

DAYS = 60
LONGEST = 90.0


def entries(days=DAYS, units=4):
    """Return an entry of apples and one of pears for each of the last days."""
    noon = datetime.now(UTC).replace(hour=12, minute=0, second=0, microsecond=0)
    times = [int((noon - timedelta(days=n)).timestamp()) for n in range(1, days + 1)]
    return [
        {"name": name, "buy": count, "profit": 1.5 * count, "time": time}
        for time in times
        for name, count in (("Apples", 3 * units), ("Pears", units))
    ]


@pytest.fixture
async def rest(server, principal):
    """An HTTP client of a running server, with a token."""
    bearer = await issue_token(server.app, principal, ("admin",), None)
    headers = {"Authorization": f"Bearer {bearer}"}
    async with httpx2.AsyncClient(base_url=server.url, headers=headers, timeout=LONGEST) as http:
        yield http


@pytest.fixture
async def working(settings, owner_url):
    """A worker that runs until the test ends."""
    stopping = asyncio.Event()
    task = asyncio.create_task(worker.work_until(stopping, settings, owner_url))
    yield
    stopping.set()
    await task


async def trained(rest, path):
    """Train, however long that takes, and return the answer that says it is done."""
    until = asyncio.get_running_loop().time() + LONGEST
    while True:
        answer = await rest.post(path)
        if answer.status_code != 202 or asyncio.get_running_loop().time() > until:
            return answer


@pytest.mark.alone
async def test_what_was_added_is_learned_and_predicted(rest, working):
    assert (await rest.post("/api/add-data", json=entries())).status_code == 200

    answer = await trained(rest, "/api/train")
    predicted = (await rest.get("/api/predict")).json()

    said = answer.json()
    assert (answer.status_code, said["message"]) == (200, "Model trained successfully!")
    assert said["promoted"] in (True, False)
    assert said["verdict"]
    assert [one["name"] for one in predicted] == ["Apples", "Pears"]
    apples, pears = predicted
    assert set(apples) == {
        "name", "buy", "profit", "time", "predicted_sales", "shelf_space_percentage",
    }  # fmt: skip
    assert (apples["buy"], apples["profit"]) == (12 * DAYS, 18.0 * DAYS)
    assert apples["time"] == entries()[0]["time"]
    assert 250 < apples["predicted_sales"] < 420
    assert 2 < apples["predicted_sales"] / pears["predicted_sales"] < 4
    assert sum(one["shelf_space_percentage"] for one in predicted) == pytest.approx(100)
    week = (await rest.get("/api/predict", params={"days": 7})).json()
    assert week[0]["predicted_sales"] < apples["predicted_sales"] / 3


@pytest.mark.alone
async def test_a_handful_of_entries_is_enough_to_train_and_train_anew(rest, working):
    await rest.post("/api/add-data", json=entries(days=3))

    first = await trained(rest, "/api/train")
    again = await trained(rest, "/api/retrain")

    assert first.json()["message"] == "Model trained successfully!"
    assert again.json()["message"] == "Model retrained successfully!"
    assert isinstance(again.json()["promoted"], bool)
    assert len((await rest.get("/api/predict")).json()) == 2


@pytest.mark.alone
async def test_parts_of_the_shelf_come_from_the_planned_shelf_where_there_is_one(
    rest, working, graphql
):
    await rest.post("/api/add-data", json=entries(days=3))
    await trained(rest, "/api/train")
    before = (await rest.get("/api/predict")).json()
    standing = shelf("Pears", location="main")
    payload = await graphql(UPSERT, {"input": {"shelves": [standing]}})

    after = (await rest.get("/api/predict")).json()

    assert payload["data"]["upsertShelves"]["acceptedCount"] == 1
    parts = [{one["name"]: one["shelf_space_percentage"] for one in of} for of in (before, after)]
    assert sum(parts[0].values()) == pytest.approx(100)
    assert parts[0]["Apples"] > parts[0]["Pears"] > 0
    assert parts[1] == {"Apples": 0, "Pears": 100}


async def test_who_prefers_not_to_wait_is_answered_at_once(rest):
    await rest.post("/api/add-data", json=entries(days=3))

    answer = await rest.post("/api/train", headers={"Prefer": "respond-async"})
    patient = await rest.post("/api/train", headers={"Prefer": "wait=1"})

    assert (answer.status_code, patient.status_code) == (202, 202)
    assert answer.headers["preference-applied"] == "respond-async"
    assert answer.json()["run"] == patient.json()["run"]


async def test_nothing_is_predicted_before_something_is_learned(rest):
    answer = await rest.get("/api/predict")

    assert answer.status_code == 409
    assert answer.json()["errors"][0]["extensions"]["code"] == "NOTHING_LEARNED"


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("days=0", "INVALID_HORIZON"),
        ("days=many", "INVALID_PARAMETER"),
        ("day=7", "INVALID_PARAMETER"),
    ],
)
async def test_what_cannot_be_predicted_is_refused(rest, query, code):
    answer = await rest.get(f"/api/predict?{query}")

    assert answer.status_code == 400
    assert answer.json()["errors"][0]["extensions"]["code"] == code


@pytest.mark.parametrize(
    ("method", "path"),
    [("POST", "/api/train"), ("POST", "/api/retrain"), ("GET", "/api/predict")],
)
async def test_learning_and_predicting_need_their_scopes(server, principal, method, path):
    bearer = await issue_token(server.app, principal, ("sales:read",), None)
    async with httpx2.AsyncClient(base_url=server.url) as http:
        nobody = await http.request(method, path)
        narrow = await http.request(method, path, headers={"Authorization": f"Bearer {bearer}"})

    assert (nobody.status_code, narrow.status_code) == (401, 403)
