"""Registered documents in the schema."""

from typing import Self

import strawberry

from backend.core.scopes import Scope
from backend.identity import documents
from backend.identity.documents import Book, Documents
from backend.identity.graphql.people import MANAGES
from backend.infra.api.context import Info
from backend.infra.api.declared import seen_with
from backend.infra.api.described import input_type, object_type
from backend.infra.api.documents import check_document
from backend.infra.api.results import check_batch


@seen_with(Scope.ADMIN)
@object_type
class RegisteredDocument:
    """A GraphQL document that a client may ask for by its id."""

    id: str
    """SHA-256 of its text, in hexadecimal digits."""
    body: str
    """Its text."""


@input_type
class RegisterDocumentsInput:
    """What a client may ask for by id, and whether it may ask for anything else."""

    client_id: str
    """The client."""
    documents: list[str] = strawberry.field(default_factory=list)
    """Texts to register beside those it has; at most 500 in all."""
    remove: list[str] = strawberry.field(default_factory=list)
    """Ids of documents it has no more use for."""
    is_restricted: bool | None = None
    """True: it may run registered documents only. Null leaves that as it is."""


@seen_with(Scope.ADMIN)
@object_type
class RegisterDocumentsPayload:
    """What a client registered by now."""

    is_restricted: bool
    """Whether it may run nothing else."""
    documents: list[RegisteredDocument]
    """All of its documents, by id."""

    @classmethod
    def of(cls, book: Book) -> Self:
        """Return a client's documents as clients see them."""
        found = [RegisteredDocument(id=key, body=body) for key, body in book.documents.items()]
        return cls(is_restricted=book.is_restricted, documents=found)


@strawberry.type
class Mutation:
    """Changes of what clients registered."""

    @strawberry.mutation(extensions=[MANAGES])
    async def register_documents(
        self,
        info: Info,
        input: RegisterDocumentsInput,  # noqa: A002 - the contract's name
    ) -> RegisterDocumentsPayload:
        """Registers documents that a client asks for by id, or restricts it to them."""
        check_batch(info.context, input.documents, "documents")
        for body in input.documents:
            check_document(info.schema._schema, body, info.context.limits)  # noqa: SLF001 - it has no public name
        async with info.context.writing() as work:
            book = await documents.register(
                work,
                input.client_id,
                input.documents,
                remove=input.remove,
                is_restricted=input.is_restricted,
            )
        known = info.context.service(Documents)
        known.forget_client(info.context.principal.org_id, input.client_id)
        return RegisterDocumentsPayload.of(book)
