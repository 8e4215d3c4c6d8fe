"""The addresses of the older system: who may ask them, what they cost, what they answer."""

from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Final
from uuid import UUID

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from backend.analytics import pricing
from backend.analytics.errors import InvalidParameter
from backend.core.errors import ShelfcastError
from backend.core.principal import Principal
from backend.core.scopes import Scope
from backend.forecasting import service as forecasting
from backend.forecasting.rules import RunKind, RunStatus
from backend.identity.authentication import Identity
from backend.identity.bearer import bearer_of
from backend.infra.api.budget import Budget
from backend.infra.api.cost import Price
from backend.infra.api.problems import problem
from backend.merchandising.rest.adding import add_entries
from backend.merchandising.rest.entries import read_entries
from backend.merchandising.rest.errors import TrainingFailed
from backend.merchandising.rest.predicting import predictions

LONGEST_WAIT: Final = 30.0
"""Seconds that an answer waits for the end of a training."""
DAYS: Final = 28
"""Days that are predicted where nobody says how many."""
_TRAINING: Final = Price(50, 0, 50)
_PREDICTING: Final = Price(4 * pricing.PER_PASS, 0, 4 * pricing.PER_PASS)
_Answer = Callable[[Request], Awaitable[Response]]


class LearningRest:
    """Takes sales, learns from them and predicts, for the organisation of an access token."""

    def __init__(self, identity: Identity, budget: Budget) -> None:
        self._identity = identity
        self._database = identity.database
        self._budget = budget

    def routes(self) -> list[Route]:
        """Return the four routes."""
        return [
            Route("/api/train", _coded(self._train), methods=["POST"]),
            Route("/api/retrain", _coded(self._retrain), methods=["POST"]),
            Route("/api/predict", _coded(self._predict), methods=["GET"]),
            Route("/api/add-data", _coded(self._add), methods=["POST"]),
        ]

    async def _train(self, request: Request) -> Response:
        return await self._learn(request, RunKind.TRAIN, "trained")

    async def _retrain(self, request: Request) -> Response:
        return await self._learn(request, RunKind.RETRAIN, "retrained")

    async def _learn(self, request: Request, kind: RunKind, done: str) -> Response:
        who = await self._entering(request, _TRAINING, Scope.FORECAST_READ, Scope.FORECAST_WRITE)
        wait = _wait(request.headers.get("prefer", ""))
        address = request.client.host if request.client else None
        async with self._database.work(who, address=address) as work:
            run_id = await forecasting.request(work, kind)
        if wait is None:
            answer = _going_on(run_id, "It is being trained.")
            answer.headers["Preference-Applied"] = "respond-async"
            return answer
        run = await forecasting.wait(self._database, who, run_id, wait)
        if run.status is RunStatus.FAILED:
            reason = run.error or {}
            raise TrainingFailed(
                str(reason.get("message", "training failed")), reason=reason, run=str(run_id)
            )
        if run.status is not RunStatus.SUCCEEDED:
            return _going_on(run_id, f"It goes on: {wait:g} seconds were not enough.")
        return _json(
            {
                "message": f"Model {done} successfully!",
                "promoted": bool(run.promoted),
                "verdict": run.verdict,
                "run": str(run_id),
            }
        )

    async def _predict(self, request: Request) -> Response:
        scopes = (Scope.FORECAST_READ, Scope.SALES_READ, Scope.ANALYTICS_READ)
        who = await self._entering(request, _PREDICTING, *scopes)
        days = _days(request)
        async with self._database.work(who, read_only=True) as work:
            found = await predictions(work, days)
        return _json([one.document() for one in found])

    async def _add(self, request: Request) -> Response:
        who = await bearer_of(self._identity, request, Scope.SALES_WRITE)
        entries = read_entries(await request.body())
        await self._charge(who, Price(10, len(entries), 10))
        key = request.headers.get("idempotency-key")
        address = request.client.host if request.client else None
        async with self._database.work(who, plan_once=True, address=address) as work:
            await add_entries(work, entries, key)
        return _json({"message": "Data added successfully!"})

    async def _entering(self, request: Request, price: Price, *scopes: Scope) -> Principal:
        who = await bearer_of(self._identity, request, *scopes)
        await self._charge(who, price)
        return who

    async def _charge(self, who: Principal, price: Price) -> None:
        bill = await self._budget.charge(who, price, rows_paid=False)
        if bill.refusal is not None:
            raise bill.refusal


def _coded(answer: _Answer) -> _Answer:
    async def coded(request: Request) -> Response:
        try:
            return await answer(request)
        except ShelfcastError as exc:
            return problem(exc)

    return coded


def _wait(prefer: str) -> float | None:
    """Return for how many seconds to wait (RFC 7240); None: not at all."""
    wishes = [one.strip().lower() for one in prefer.split(",")]
    if "respond-async" in wishes:
        return None
    for one in wishes:
        name, _, value = one.partition("=")
        if name.strip() == "wait" and value.strip().isdecimal():
            return min(float(value), LONGEST_WAIT)
    return LONGEST_WAIT


def _days(request: Request) -> int:
    for name in request.query_params:
        if name != "days":
            raise InvalidParameter(
                f"there is no parameter {name[:60]!r}", field=[name[:60]], value=name[:60]
            )
    text = request.query_params.get("days", str(DAYS))
    if not (text.isascii() and text.isdigit() and len(text) <= 4):
        raise InvalidParameter("days is a number", field=["days"], value=text[:60])
    return int(text)


def _going_on(run_id: UUID, message: str) -> Response:
    return _json({"message": message, "run": str(run_id)}, HTTPStatus.ACCEPTED)


def _json(content: object, status: int = HTTPStatus.OK) -> Response:
    headers = {"Cache-Control": "no-store"}
    return Response(orjson.dumps(content), status, headers, media_type="application/json")
