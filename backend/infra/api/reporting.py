"""Gives every GraphQL error a code; what is not for clients is logged and masked."""

import logging
import re
import uuid
from typing import Any, Final

import asyncpg
from graphql import GraphQLError, GraphQLSyntaxError
from strawberry.exceptions import StrawberryInputCoercionError
from strawberry.extensions import MaskErrors
from strawberry.types import ExecutionContext
from strawberry.types.execution import PreExecutionError

from backend.core.errors import Invalid, ShelfcastError, TooMuch
from backend.infra.api.budget import Budget, Throttled, TooCostly
from backend.infra.database import DatabaseUnreachable, is_down

log = logging.getLogger(__name__)

_VARIABLE: Final = re.compile(r"Variable '\$(\w+)' has invalid value(?: at (\S+))?: ", re.DOTALL)
_STEP: Final = re.compile(r"\.(\w+)|\[(\d+)\]")
_LIMITS: Final = frozenset({TooMuch.code, TooCostly.code, Throttled.code})
_LONGEST_VALUE: Final = 100
_LONGEST_MESSAGE: Final = 1_000


class ErrorCodes(MaskErrors):
    """Gives every error a code: ours stay, graphql-core's are classified, others are masked."""

    def _process_errors(self, errors: list[GraphQLError]) -> list[GraphQLError]:
        result = self.execution_context.result
        is_early = isinstance(result, PreExecutionError)
        found = [coded(error, self.execution_context, is_early=is_early) for error in errors]
        self._count(found)
        return found

    def _count(self, errors: list[GraphQLError]) -> None:
        budget: Budget | None = getattr(self.execution_context.context, "budget", None)
        for error in errors if budget else ():
            limit = _limit_of(error)
            if budget and limit:
                budget.note(limit)


def coded(
    error: GraphQLError, context: ExecutionContext | None = None, *, is_early: bool = False
) -> GraphQLError:
    """Return an error as clients may see it; `is_early` before anything was executed."""
    cause = _root(error)
    if isinstance(cause, ShelfcastError):
        return error if error.extensions else _with(error, cause.message, cause.extensions)
    if cause is None and error.extensions and "code" in error.extensions:
        return error
    if isinstance(error, GraphQLSyntaxError):
        if "Parsing aborted" in error.message:
            return _with(error, error.message, {"code": TooMuch.code, "of": "tokens"})
        return _with(error, error.message, {"code": "GRAPHQL_PARSE_FAILED"})
    found = _VARIABLE.match(error.message)
    if found and error.path is None:
        return _with(error, error.message, _variable(found, context))
    if isinstance(cause, StrawberryInputCoercionError):
        return _with(error, error.message, {"code": Invalid.code})
    if is_early and cause is None:
        return _with(error, error.message, {"code": "GRAPHQL_VALIDATION_FAILED"})
    if error.path is None and cause is None:
        return _with(error, error.message, {"code": Invalid.code})
    known = translated(cause)
    if known is not None:
        return _with(error, known.message, known.extensions)
    return _masked(error, cause)


def translated(cause: BaseException | None) -> ShelfcastError | None:
    """Return what a failure of the database means for the client; None when it is our own fault."""
    for each in (cause, getattr(cause, "__cause__", None)):
        if isinstance(each, asyncpg.DataError):
            return Invalid("a value in the request cannot be stored")
        if isinstance(each, asyncpg.QueryCanceledError):
            return TooMuch("this takes too long: ask for less")
        if each is not None and is_down(each):
            return DatabaseUnreachable("the database does not answer; try again")
    return None


def _limit_of(error: GraphQLError) -> str | None:
    """Return which limit an error speaks of."""
    extensions = error.extensions or {}
    if extensions.get("code") not in _LIMITS:
        return None
    return str(extensions.get("of", "size"))


def _root(error: GraphQLError) -> BaseException | None:
    cause = error.original_error
    while isinstance(cause, GraphQLError):
        cause = cause.original_error
    return cause


def _variable(found: re.Match[str], context: ExecutionContext | None) -> dict[str, object]:
    """Return code, path and value of a variable that does not fit its type."""
    path = [found[1]]
    path += [name or index for name, index in _STEP.findall(found[2] or "")]
    value: Any = context.variables if context else None
    try:
        for step in path:
            value = value[int(step)] if isinstance(value, list) else value[step]
    except (KeyError, IndexError, TypeError, ValueError):
        value = None
    return {"code": Invalid.code, "field": path, "value": _short(value)}


def _short(value: object) -> object:
    if value is None or isinstance(value, bool | int | float):
        return value
    return (value if isinstance(value, str) else repr(value))[:_LONGEST_VALUE]


def _masked(error: GraphQLError, cause: BaseException | None) -> GraphQLError:
    number = uuid.uuid4().hex[:12]
    log.error("error %s at %s: %s", number, error.path, error.message, exc_info=cause)
    message = f"something went wrong on our side; it was noted as {number}"
    return _with(error, message, {"code": "INTERNAL_ERROR", "id": number})


def _with(error: GraphQLError, message: str, extensions: dict[str, object]) -> GraphQLError:
    return GraphQLError(
        message if len(message) <= _LONGEST_MESSAGE else f"{message[:_LONGEST_MESSAGE]}…",
        nodes=error.nodes,
        source=error.source,
        positions=error.positions,
        path=error.path,
        original_error=None,
        extensions=extensions,
    )
