"""One execution for all who subscribed to the same thing and may see the same."""

import asyncio
from collections.abc import AsyncGenerator, Collection, Mapping
from contextlib import aclosing
from dataclasses import dataclass, replace
from hashlib import blake2b
from typing import Any, Final

import orjson
from graphql import GraphQLError
from strawberry.schema import BaseSchema
from strawberry.types import ExecutionResult
from strawberry.types.execution import PreExecutionError

from backend.core.cursors import FeedPosition
from backend.core.errors import Invalid
from backend.infra.api.context import Context
from backend.infra.api.emission import Emission, Style
from backend.infra.api.resuming import resuming_variables
from backend.infra.api.shared_run import Behind, Produced, SharedRun
from backend.infra.tasks import Tasks

PAUSE: Final = 0.02
"""Seconds before a subscriber that fell out of a shared execution looks for itself."""
Batch = list[Produced]


class Refused(Exception):
    """An operation that was not executed; `errors` say why."""

    def __init__(self, errors: list[GraphQLError]) -> None:
        super().__init__(errors[0].message if errors else "")
        self.errors = errors


class IncrementalDelivery(Invalid):
    """@defer and @stream have no form in these protocols."""

    code = "INCREMENTAL_DELIVERY"


@dataclass(frozen=True, slots=True)
class Request:
    """An operation as a client sent it."""

    query: str
    variables: Mapping[str, Any] | None
    operation_name: str | None

    def key(self, audience: bytes) -> bytes:
        """Equal for requests of one audience that one execution can serve once they are live."""
        dropped = resuming_variables(self.query, self.operation_name)
        kept = {k: v for k, v in (self.variables or {}).items() if k not in dropped}
        variables = orjson.dumps(kept, option=orjson.OPT_SORT_KEYS)
        named = repr((self.query, self.operation_name, variables, audience))
        return blake2b(named.encode(), digest_size=16).digest()


class Executions:
    """All running executions of one process."""

    def __init__(self, schema: BaseSchema) -> None:
        self._schema = schema
        self._runs: dict[bytes, SharedRun] = {}
        self._tasks = Tasks()
        self.started = 0
        """How many shared executions were begun."""

    @property
    def runs(self) -> Collection[SharedRun]:
        """The shared executions there are."""
        return self._runs.values()

    async def close(self) -> None:
        """End all shared executions."""
        await self._tasks.close()

    async def results(
        self, request: Request, context: Context, emission: Emission
    ) -> AsyncGenerator[Batch]:
        """Yield the encoded results of an operation, until it is complete.

        Whoever takes them notes in `emission.resume` how far they were sent: from there it goes on
        alone when it cannot keep up.

        Raises:
            Refused: it was not executed.
        """
        while True:
            alone = replace(emission, may_hand_over=True, position=None)
            async with aclosing(self._execute(request, context, alone)) as produced:
                async for one in produced:
                    yield [one]
            if not alone.handed_over or alone.position is None:
                return
            emission.permission_changed = False
            emission.resume = alone.position
            try:
                shared = self._shared(request, context, alone.position, alone.style)
                async with aclosing(shared) as batches:
                    async for batch in batches:
                        yield batch
            except Behind:
                await asyncio.sleep(PAUSE)
            else:
                return

    async def _shared(
        self, request: Request, context: Context, position: FeedPosition, style: Style
    ) -> AsyncGenerator[Batch]:
        """Join the execution that serves this request; begin it if there is none."""
        key = request.key(context.principal.audience)
        run = self._runs.get(key)
        if run is None:
            run = self._runs[key] = SharedRun(style, position)
            self.started += 1
            work = self._run(key, run, request, context)
            run.task = self._tasks.start(work, "shared subscription")
        run.subscribers += 1
        try:
            async with aclosing(run.batches(position)) as batches:
                async for batch in batches:
                    yield batch
        finally:
            run.subscribers -= 1
            if run.subscribers == 0 and run.task is not None:
                self._forget(key, run)
                run.task.cancel()

    async def _run(self, key: bytes, run: SharedRun, request: Request, context: Context) -> None:
        """Execute for all who joined."""
        emission = Emission(resume=run.base, is_shared=True, style=run.style)
        try:
            async with aclosing(self._execute(request, context, emission)) as produced:
                async for one in produced:
                    run.add(one)
        except Refused:
            emission.dissolve()
        finally:
            self._forget(key, run)
            run.end(dissolved=emission.is_dissolved)

    def _forget(self, key: bytes, run: SharedRun) -> None:
        if self._runs.get(key) is run:
            del self._runs[key]

    async def _execute(
        self, request: Request, context: Context, emission: Emission
    ) -> AsyncGenerator[Produced]:
        own = context.renew()
        own.emission = emission
        stream = await self._schema.stream(
            request.query,
            variable_values=dict(request.variables or {}),
            context_value=own,
            operation_name=request.operation_name,
        )
        async with aclosing(stream):
            async for result in stream:
                if isinstance(result, PreExecutionError):
                    raise Refused(result.errors or [])
                yield Produced(encode(result), emission.position, emission.key)


def encode(result: object) -> str:
    """Return a result as the JSON text that goes to every subscriber."""
    if not isinstance(result, ExecutionResult):
        raise Refused([_no_incremental_delivery()])
    payload: dict[str, Any] = {"data": result.data}
    if result.errors:
        payload["errors"] = [error.formatted for error in result.errors]
    if result.extensions:
        payload["extensions"] = result.extensions
    return orjson.dumps(payload, default=str).decode()


def _no_incremental_delivery() -> GraphQLError:
    error = IncrementalDelivery("@defer and @stream are not supported in a stream of results")
    return GraphQLError(error.message, extensions=error.extensions)
