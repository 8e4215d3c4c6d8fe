"""The life of one operation: what it opened is closed, and how large it may be."""

from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import suppress
from functools import lru_cache, partial
from typing import Final

from graphql import DocumentNode, GraphQLError, parse
from strawberry.extensions import (
    AddValidationRules,
    SchemaExtension,
    ValidationCache,
)
from strawberry.types import StreamExecutionResult

from backend.core.limits import DEFAULTS, Limits
from backend.infra.api.charging import Charges
from backend.infra.api.context import Context
from backend.infra.api.limits import document_limits
from backend.infra.api.reporting import ErrorCodes

CACHED_DOCUMENTS: Final = 256


class OpensContext(SchemaExtension):
    """Closes the context's unit of work when an operation, or one item of a stream, is done."""

    async def on_operation(self) -> AsyncGenerator[None]:
        """Close what a query or mutation opened."""
        async with self._context().open():
            yield

    async def on_stream_result(self, result: StreamExecutionResult) -> AsyncGenerator[None]:  # noqa: ARG002 - the hook's form
        """Close what an item opened before it is sent: a slow reader holds no transaction."""
        async with self._context().open():
            pass
        yield

    def _context(self) -> Context:
        context = self.execution_context.context
        assert isinstance(context, Context)
        return context


class CachesParsing(SchemaExtension):
    """Parses a document once; a bad one is left to the schema, which reports it."""

    def __init__(self, limits: Limits) -> None:
        self._length = limits.max_document_length
        self._tokens = limits.max_document_tokens

    def on_operation(self) -> Iterator[None]:
        """Bound the document before it is parsed."""
        context = self.execution_context
        is_long = len(context.query or "") > self._length
        context.parse_options["max_tokens"] = 1 if is_long else self._tokens
        yield

    def on_parse(self) -> Iterator[None]:
        """Take the parsed document from the cache."""
        context = self.execution_context
        if context.query and len(context.query) <= self._length:
            with suppress(GraphQLError):
                context.graphql_document = _parse(context.query, self._tokens)
        yield


@lru_cache(maxsize=CACHED_DOCUMENTS)
def _parse(query: str, tokens: int) -> DocumentNode:
    return parse(query, max_tokens=tokens)


def _validation_cache() -> SchemaExtension:
    return ValidationCache(maxsize=CACHED_DOCUMENTS)


def extensions(limits: Limits = DEFAULTS) -> tuple[Callable[[], SchemaExtension], ...]:
    """Return what wraps each operation, outermost first: errors are coded last."""
    # Made once: the cache's key holds the rules, new ones at every request would never hit.
    rules = [document_limits(limits)]
    return (
        ErrorCodes,
        OpensContext,
        partial(AddValidationRules, rules),
        partial(CachesParsing, limits),
        _validation_cache,
        Charges,
    )


EXTENSIONS: Final = extensions()
"""With the limits nobody changed."""
