"""Documents by id instead of by text: how requests name them, and whether a text can be one."""

import re
from collections.abc import Mapping
from typing import Any, Final, Protocol

from cross_web import HTTPException
from graphql import GraphQLError, GraphQLSchema, parse, validate
from graphql.validation import specified_rules

from backend.core.errors import Invalid
from backend.core.limits import Limits
from backend.core.principal import Principal
from backend.infra.api.limits import document_limits

_FIELD: Final = ["input", "documents"]
_ID: Final = re.compile(r"(?:sha256:)?([0-9a-f]{64})", re.IGNORECASE)


class InvalidDocument(Invalid):
    """The document cannot be run, whoever asks."""

    code = "INVALID_DOCUMENT"


class Library(Protocol):
    """What clients registered."""

    async def is_restricted(self, who: Principal) -> bool:
        """Tell whether a client may ask for nothing but what it registered."""
        ...

    async def text(self, who: Principal, query: str | None, wanted: str | None) -> str | None:
        """Return the document to run.

        Raises:
            ShelfcastError: the client registered none of that id, or not this one.
        """
        ...


def wanted_id(request: Mapping[str, Any]) -> str | None:
    """Return the id that a request names: `documentId`, or Apollo's `persistedQuery`.

    Raises:
        HTTPException: it is no id of a document.
    """
    given = request.get("documentId")
    if given is None:
        extensions = request.get("extensions")
        persisted = extensions.get("persistedQuery") if isinstance(extensions, dict) else None
        if not isinstance(persisted, dict):
            return None
        given = persisted.get("sha256Hash")
    found = _ID.fullmatch(given) if isinstance(given, str) else None
    if found is None:
        raise HTTPException(400, "The id of a document is its SHA-256 in hexadecimal digits.")
    return found[1].lower()


def check_document(schema: GraphQLSchema, body: str, limits: Limits) -> None:
    """Refuse what could not be run.

    Raises:
        InvalidDocument: it is too large, does not parse or does not fit the schema.
    """
    if len(body) > limits.max_document_length:
        most = limits.max_document_length
        raise InvalidDocument(f"a document has at most {most} characters", field=_FIELD, limit=most)
    try:
        document = parse(body, max_tokens=limits.max_document_tokens)
        errors = validate(schema, document, [*specified_rules, document_limits(limits)])
    except (GraphQLError, RecursionError) as exc:
        raise InvalidDocument(f"this document does not parse: {exc}", field=_FIELD) from exc
    if errors:
        raise InvalidDocument(errors[0].message, field=_FIELD)
