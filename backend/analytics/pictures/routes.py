"""The pictures at `/api`: who may see them, what they cost, how long they are good."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from hashlib import blake2b
from http import HTTPStatus
from typing import Final

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from backend.analytics.errors import NotAcceptable
from backend.analytics.pictures.bars import DARK, LIGHT, BarGraph, draw
from backend.analytics.pictures.forms import Form, form_for
from backend.analytics.pictures.graphs import bar_graph
from backend.analytics.pictures.parameters import Wish, read
from backend.analytics.pictures.raster import png
from backend.analytics.presets import answers, service
from backend.analytics.presets.choices import Choice
from backend.analytics.presets.graphql import price
from backend.analytics.presets.names import AnalysisName
from backend.core.errors import ShelfcastError
from backend.core.scopes import Scope
from backend.identity.authentication import Identity
from backend.identity.bearer import bearer_of
from backend.infra.api.budget import Budget
from backend.infra.api.cost import Price
from backend.infra.api.problems import problem

AT_ONCE: Final = 2
"""Pictures drawn at the same time: each takes a core for a moment."""


@dataclass(frozen=True, slots=True)
class Picture:
    """One picture: the analysis it shows, the column of its bars, how many at either end."""

    path: str
    name: AnalysisName
    column: str
    top: int
    bottom: int


PICTURES: Final = (
    Picture("/api/profit_by_item", AnalysisName.PROFIT_BY_ITEM, "profit", 15, 5),
    Picture("/api/frequency_of_sale", AnalysisName.FREQUENCY_OF_SALE, "orders", 20, 0),
)


class Pictures:
    """Answers with the pictures of the organisation that an access token is for."""

    def __init__(self, identity: Identity, budget: Budget) -> None:
        self._identity = identity
        self._budget = budget
        self._drawing = asyncio.Semaphore(AT_ONCE)

    def routes(self) -> list[Route]:
        """Return a route for each picture."""
        return [Route(one.path, self._answering(one), methods=["GET"]) for one in PICTURES]

    def _answering(self, picture: Picture) -> Callable[[Request], Awaitable[Response]]:
        async def answer(request: Request) -> Response:
            try:
                return await self._answer(picture, request)
            except NotAcceptable as exc:
                return problem(exc, HTTPStatus.NOT_ACCEPTABLE)
            except ShelfcastError as exc:
                return problem(exc)

        return answer

    async def _answer(self, picture: Picture, request: Request) -> Response:
        who = await bearer_of(self._identity, request, Scope.SALES_READ)
        wish = read(request.query_params, top=picture.top, bottom=picture.bottom)
        form = form_for(request.headers.get("accept", ""))
        cost = price({"name": picture.name.value, "filter": dict(request.query_params)})
        bill = await self._budget.charge(who, Price(cost, 0, cost), rows_paid=True)
        if bill.refusal is not None:
            raise bill.refusal
        async with self._identity.database.work(who, read_only=True) as work:
            found = await service.analyse(work, picture.name, wish.criteria, Choice())
            currency = work.currency
        if form is Form.JSON:
            return _kept(request, form, orjson.dumps(answers.document(found, currency)))
        graph = bar_graph(found, picture.column, wish, currency)
        return await self._drawn(request, form, graph, wish)

    async def _drawn(self, request: Request, form: Form, graph: BarGraph, wish: Wish) -> Response:
        svg = draw(graph, DARK if wish.is_dark else LIGHT)
        if form is Form.SVG:
            return _kept(request, form, svg.encode())
        tag = _tag(f"{wish.zoom}{svg}".encode())
        if _has(request, tag):
            return _unchanged(tag)
        async with self._drawing:
            body = await asyncio.to_thread(png, svg, zoom=wish.zoom)
        return Response(body, headers=_headers(tag), media_type=form.value)


def _kept(request: Request, form: Form, body: bytes) -> Response:
    tag = _tag(body)
    if _has(request, tag):
        return _unchanged(tag)
    return Response(body, headers=_headers(tag), media_type=form.value)


def _tag(content: bytes) -> str:
    return f'"{blake2b(content, digest_size=12).hexdigest()}"'


def _has(request: Request, tag: str) -> bool:
    known = request.headers.get("if-none-match", "")
    return tag in (one.strip().removeprefix("W/") for one in known.split(","))


def _unchanged(tag: str) -> Response:
    return Response(status_code=304, headers=_headers(tag))


def _headers(tag: str) -> dict[str, str]:
    """Return headers for one caller's own cache, which asks each time whether it still holds."""
    return {
        "ETag": tag,
        "Cache-Control": "private, no-cache",
        "Vary": "Authorization, Accept",
    }
