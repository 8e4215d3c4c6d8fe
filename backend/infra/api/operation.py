"""The life of one operation: what it opened is closed, and how large it may be."""

from collections.abc import AsyncGenerator, Iterator
from contextlib import suppress
from functools import lru_cache
from typing import Final

from graphql import DocumentNode, GraphQLError, parse
from graphql.validation import ASTValidationRule
from strawberry.extensions import (
    AddValidationRules,
    SchemaExtension,
    ValidationCache,
)
from strawberry.types import StreamExecutionResult

from backend.infra.api.context import Context
from backend.infra.api.limits import MOST_TOKENS, DocumentLimits
from backend.infra.api.reporting import ErrorCodes

CACHED_DOCUMENTS: Final = 256
LONGEST_DOCUMENT: Final = 50_000
"""Characters; what is long belongs into variables, and documents are kept in memory."""
# Made once: the cache's key holds the rules, new ones at every request would never hit.
_RULES: Final[list[type[ASTValidationRule]]] = [DocumentLimits]


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


def _limits() -> SchemaExtension:
    return AddValidationRules(_RULES)


class CachesParsing(SchemaExtension):
    """Parses a document once; a bad one is left to the schema, which reports it."""

    def on_operation(self) -> Iterator[None]:
        """Bound the document before it is parsed."""
        context = self.execution_context
        is_long = len(context.query or "") > LONGEST_DOCUMENT
        context.parse_options["max_tokens"] = 1 if is_long else MOST_TOKENS
        yield

    def on_parse(self) -> Iterator[None]:
        """Take the parsed document from the cache."""
        context = self.execution_context
        if context.query and len(context.query) <= LONGEST_DOCUMENT:
            with suppress(GraphQLError):
                context.graphql_document = _parse(context.query)
        yield


@lru_cache(maxsize=CACHED_DOCUMENTS)
def _parse(query: str) -> DocumentNode:
    return parse(query, max_tokens=MOST_TOKENS)


def _validation_cache() -> SchemaExtension:
    return ValidationCache(maxsize=CACHED_DOCUMENTS)


EXTENSIONS: Final = (
    ErrorCodes,
    OpensContext,
    _limits,
    CachesParsing,
    _validation_cache,
)
"""In the order in which they wrap an operation: errors are coded last."""
