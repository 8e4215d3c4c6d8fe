"""A short cut for the few documents that carry thousands of rows a second.

A mutation with one hot root field, whose `input` is one variable and whose selection is plain, is
decoded by msgspec and answered without a GraphQL execution. Whatever else comes, and whatever goes
wrong on the way, is left to the general path: the answers are the same (tested), only the cost is
not.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from operator import attrgetter
from typing import Any, Final

import asyncpg
import msgspec
import orjson
from graphql import (
    DocumentNode,
    FieldNode,
    GraphQLError,
    NonNullTypeNode,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
    VariableNode,
    parse,
    validate,
)
from strawberry.schema import Schema
from tortoise.exceptions import OperationalError

from backend.core.errors import ShelfcastError
from backend.core.limits import DEFAULTS
from backend.core.scopes import Scope
from backend.infra.api.context import Context

MOST_DOCUMENTS: Final = 64
LONGEST_DOCUMENT: Final = 4_000

Getter = Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class Each:
    """A list field: `items` finds the objects, `shape` their fields."""

    items: Getter
    shape: "Shape"


@dataclass(frozen=True, slots=True)
class One:
    """An object field that may be null."""

    item: Getter
    shape: "Shape"


Shape = Mapping[str, "Getter | Each | One"]
"""The fields of a type that the short cut can answer."""


ERRORS: Final[Shape] = {
    "code": attrgetter("code"),
    "message": attrgetter("message"),
    "field": attrgetter("field"),
}
"""The fields of a UserError."""


def tally_shape(row: Shape) -> Shape:
    """Return the shape of a payload made of a Tally: three counts and the rows."""
    return {
        "acceptedCount": attrgetter("accepted"),
        "duplicateCount": attrgetter("duplicates"),
        "rejectedCount": attrgetter("rejected"),
        "results": Each(attrgetter("rows"), row),
    }


@dataclass(frozen=True, slots=True)
class HotField:
    """A root field with a short cut. `run` does the work and returns what `shape` reads.

    `rows` finds the rows of a draft: clients pay for them, and for nothing else here.
    """

    name: str
    input_type: str
    scope: Scope
    draft: type[msgspec.Struct]
    rows: Callable[[Any], Sequence[object]]
    run: Callable[[Context, Any], Awaitable[Any]]
    shape: Shape


@dataclass(frozen=True, slots=True)
class _Plan:
    """How one document is answered."""

    field: HotField
    variable: str
    key: str
    project: Getter
    operation: str | None


class _Request(msgspec.Struct, rename="camel"):
    query: str
    operation_name: str | None = None
    variables: dict[str, msgspec.Raw] = {}


class HotDocuments:
    """The short cut as a whole: give it the fields, call it with each request."""

    def __init__(self, schema: Schema, fields: tuple[HotField, ...]) -> None:
        self._schema = schema._schema  # noqa: SLF001 - graphql-core's schema has no public name
        self._fields = {field.name: field for field in fields}
        self._requests = msgspec.json.Decoder(_Request)
        self._inputs = {field.name: msgspec.json.Decoder(field.draft) for field in fields}
        self._plan = lru_cache(MOST_DOCUMENTS)(self._make_plan)

    async def __call__(self, context: Context, body: bytes) -> bytes | None:
        """Answer a request, or return None to leave it to the general path."""
        try:
            request = self._requests.decode(body)
            plan = self._plan(request.query) if len(request.query) < LONGEST_DOCUMENT else None
            if plan is None or request.operation_name not in (None, plan.operation):
                return None
            draft = self._inputs[plan.field.name].decode(request.variables[plan.variable])
        except (msgspec.MsgspecError, KeyError, UnicodeDecodeError):
            return None
        if not context.principal.has(plan.field.scope):
            return None
        if not await context.pay_rows(len(plan.field.rows(draft))):
            return None
        try:
            result = await plan.field.run(context, draft)
        except (ShelfcastError, OperationalError, asyncpg.PostgresError):
            return None  # nothing took effect: the general path says why
        return orjson.dumps({"data": {plan.key: plan.project(result)}}, default=str)

    def _make_plan(self, query: str) -> _Plan | None:
        try:
            document = parse(query, max_tokens=DEFAULTS.max_document_tokens)
        except GraphQLError:
            return None
        plan = self._recognise(document)
        return plan if plan and not validate(self._schema, document) else None

    def _recognise(self, document: DocumentNode) -> _Plan | None:
        operation = document.definitions[0]
        if len(document.definitions) != 1 or not isinstance(operation, OperationDefinitionNode):
            return None
        selections = operation.selection_set.selections
        root = selections[0]
        if (
            operation.operation is not OperationType.MUTATION
            or operation.directives
            or len(selections) != 1
            or not isinstance(root, FieldNode)
            or root.directives
            or root.name.value not in self._fields
        ):
            return None
        field = self._fields[root.name.value]
        variable = _input_variable(operation, root, field.input_type)
        project = _project(root.selection_set, field.shape)
        if variable is None or project is None:
            return None
        name = operation.name.value if operation.name else None
        return _Plan(field, variable, _key(root), project, name)


def _input_variable(
    operation: OperationDefinitionNode, root: FieldNode, input_type: str
) -> str | None:
    """Return the variable that is the field's whole input; None unless it is the only one."""
    definitions = operation.variable_definitions or ()
    arguments = root.arguments or ()
    if len(definitions) != 1 or len(arguments) != 1:
        return None
    (definition,), (argument,) = definitions, arguments
    is_plain = (
        isinstance(definition.type, NonNullTypeNode)
        and definition.default_value is None
        and isinstance(argument.value, VariableNode)
        and argument.name.value == "input"
    )
    named = getattr(getattr(definition.type, "type", None), "name", None)
    if not is_plain or named is None or named.value != input_type:
        return None
    return definition.variable.name.value


def _project(selection: SelectionSetNode | None, shape: Shape) -> Getter | None:
    """Return a function from a result to the selected fields; None if not all can be answered."""
    steps: list[tuple[str, Getter]] = []
    for node in selection.selections if selection else ():
        if not isinstance(node, FieldNode) or node.directives or node.arguments:
            return None
        step = _step(node, shape.get(node.name.value))
        if step is None:
            return None
        steps.append((_key(node), step))
    if len({key for key, _ in steps}) < len(steps):
        return None  # fields to be merged: rare, and the general path knows how

    def project(source: Any) -> dict[str, Any]:
        return {key: get(source) for key, get in steps}

    return project


def _step(node: FieldNode, found: Getter | Each | One | None) -> Getter | None:
    if found is None or isinstance(found, Each | One) != bool(node.selection_set):
        return None
    if not isinstance(found, Each | One):
        return found
    inner = _project(node.selection_set, found.shape)
    if inner is None:
        return None
    if isinstance(found, Each):
        items = found.items
        return lambda source: [inner(item) for item in items(source)]
    item = found.item
    return lambda source: None if (one := item(source)) is None else inner(one)


def _key(node: FieldNode) -> str:
    return (node.alias or node.name).value
