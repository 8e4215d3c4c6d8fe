"""What an operation costs, known before it runs.

A scalar costs nothing and an object 1; what lies in a page costs as often as the page may have
rows. Fields whose work does not show in their answer say what it costs on top:
`strawberry.field(metadata={COST: price})`, where `price` takes the arguments as the client spells
them. Introspection is free. Fragments are measured once.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
    ValueNode,
    VariableNode,
    get_named_type,
    get_nullable_type,
    is_composite_type,
    value_from_ast_untyped,
)

from backend.infra.api.relay import MOST_ROWS

Arguments = Mapping[str, Any]
Charge = Callable[[Arguments], int]
"""What the work of a field costs; its arguments are not checked yet."""
COST: Final = "cost"
"""Name of a field's Charge in its metadata."""
OPERATION: Final = 10
"""What each root field of a mutation or subscription costs before anything is selected."""
LISTED: Final = 5
"""How many objects a list that has no pages is taken to hold."""
_FREE: Final = frozenset({"PageInfo", "UserError"})
Variables = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Price:
    """What an operation costs, and how many rows it hands in.

    `work` is the part of the cost that does not show in the answer: it is never given back.
    """

    cost: int
    rows: int
    work: int = 0


@dataclass(slots=True)
class _Part:
    """A field that costs something: its own price, and how often what lies in it counts.

    `charge` with the arguments it goes by says what its work costs on top.
    """

    own: int
    charge: Charge | None = None
    arguments: dict[str, ValueNode] = field(default_factory=dict[str, ValueNode])
    times: "int | _Size" = 1
    inside: "list[_Part | str]" = field(default_factory=list["_Part | str"])
    """Fields, and names of fragments."""


@dataclass(frozen=True, slots=True)
class _Size:
    """A number that only the variables tell: a page's rows; None stands for a batch's."""

    first: ValueNode | None
    default: int = LISTED


class Tariff:
    """The price of one document's operation, whatever its variables.

    The document must be valid.
    """

    def __init__(
        self, schema: GraphQLSchema, document: DocumentNode, operation_name: str | None
    ) -> None:
        self._schema = schema
        self._fragments: dict[str, list[_Part | str]] = {}
        self._defaults: Variables = {}
        self._batches: list[ValueNode] = []
        self._parts: list[_Part | str] = []
        for definition in document.definitions:
            if isinstance(definition, FragmentDefinitionNode):
                kind = schema.get_type(definition.type_condition.name.value)
                self._fragments[definition.name.value] = self._selected(
                    definition.selection_set, kind
                )
            elif isinstance(definition, OperationDefinitionNode) and (
                operation_name is None
                or (definition.name is not None and definition.name.value == operation_name)
            ):
                self._add(definition)

    def price(self, variables: Variables | None) -> Price:
        """Return what the operation costs with these variables; bad ones are for others to say."""
        given = {**self._defaults, **(variables or {})}
        rows = max((_longest(_value(batch, given)) for batch in self._batches), default=0)
        cost, work = self._sum(self._parts, given, rows, {})
        return Price(cost + work, rows, work)

    def _add(self, operation: OperationDefinitionNode) -> None:
        self._defaults = {
            each.variable.name.value: value_from_ast_untyped(each.default_value)
            for each in operation.variable_definitions or ()
            if each.default_value is not None
        }
        root = self._schema.get_root_type(operation.operation)
        self._parts = self._selected(operation.selection_set, root)
        if operation.operation is OperationType.QUERY:
            return
        self._parts += [_Part(OPERATION) for _ in operation.selection_set.selections]
        if operation.operation is OperationType.MUTATION:
            self._batches = [
                argument.value
                for selection in operation.selection_set.selections
                if isinstance(selection, FieldNode)
                for argument in selection.arguments or ()
                if argument.name.value == "input"
            ]

    def _selected(self, selection: SelectionSetNode | None, kind: Any) -> list["_Part | str"]:
        found: list[_Part | str] = []
        for node in selection.selections if selection else ():
            if isinstance(node, FragmentSpreadNode):
                found.append(node.name.value)
            elif isinstance(node, FieldNode):
                part = self._part(node, kind)
                if part is not None:
                    found.append(part)
            elif isinstance(node, InlineFragmentNode):
                condition = node.type_condition
                inner = self._schema.get_type(condition.name.value) if condition else kind
                found += self._selected(node.selection_set, inner)
        return found

    def _part(self, node: FieldNode, parent: Any) -> _Part | None:
        if not isinstance(parent, GraphQLObjectType | GraphQLInterfaceType):
            return None
        definition = parent.fields.get(node.name.value)
        if definition is None:  # introspection
            return None
        kind = get_named_type(definition.type)
        part = _Part(1 if is_composite_type(kind) else 0, _charge(definition), _arguments(node))
        if not is_composite_type(kind):
            return part if part.charge else None
        part.inside = self._selected(node.selection_set, kind)
        if kind.name in _FREE:
            part.own = 0
        elif kind.name.endswith("Connection"):
            part.times = _page(node, definition)
        elif parent.name.endswith("Connection"):
            part.own = 0 if kind.name.endswith("Edge") else 1
        elif isinstance(get_nullable_type(definition.type), GraphQLList):
            if parent.name.endswith("Payload"):  # one for each row handed in, which are paid apart
                part.own, part.times = 0, _Size(None)
            else:
                part.own, part.times = part.own * LISTED, LISTED
        return part

    def _sum(
        self,
        parts: list["_Part | str"],
        given: Variables,
        rows: int,
        known: dict[str, tuple[int, int]],
    ) -> tuple[int, int]:
        total = work = 0
        for part in parts:
            if isinstance(part, str):
                if part not in known:
                    known[part] = 0, 0
                    known[part] = self._sum(self._fragments.get(part, []), given, rows, known)
                own, its_work = known[part]
                total, work = total + own, work + its_work
                continue
            total += part.own
            if part.charge is not None:
                work += part.charge({k: _value(v, given) for k, v in part.arguments.items()})
            if part.inside:
                times = _times(part.times, given, rows)
                inside, its_work = self._sum(part.inside, given, rows, known)
                total, work = total + inside * times, work + its_work * times
        return total, work


def objects_in(data: object) -> int:
    """Return how many objects an answer holds: what it turned out to cost."""
    count, waiting = 0, [data]
    while waiting:
        one = waiting.pop()
        if isinstance(one, dict):
            count += 1
            waiting.extend(one.values())
        elif isinstance(one, list) and not _is_plain(one):
            waiting.extend(one)
    return count


def _is_plain(items: list[object]) -> bool:
    """Tell by the first that there is: thousands of rows of plain cells are not gone through."""
    first = next((one for one in items if one is not None), None)
    return _is_plain(first) if isinstance(first, list) else not isinstance(first, dict)


def _charge(definition: GraphQLField) -> Charge | None:
    made = definition.extensions.get("strawberry-definition")
    metadata: Mapping[object, Charge] = getattr(made, "metadata", None) or {}
    return metadata.get(COST)


def _arguments(node: FieldNode) -> dict[str, ValueNode]:
    return {argument.name.value: argument.value for argument in node.arguments or ()}


def _page(node: FieldNode, definition: GraphQLField) -> int | _Size:
    known = definition.args.get("first")
    default = known.default_value if known and isinstance(known.default_value, int) else LISTED
    first = _arguments(node).get("first")
    return default if first is None else _Size(first, default)


def _times(times: "int | _Size", given: Variables, rows: int) -> int:
    if isinstance(times, int):
        return times
    if times.first is None:
        return rows
    value = _value(times.first, given)
    if value is None:
        return times.default
    # The field itself refuses what is no page size, before it costs anything.
    return int(value) if isinstance(value, int | float) and 0 <= value <= MOST_ROWS else 0


def _value(node: ValueNode, given: Variables) -> Any:
    if isinstance(node, VariableNode):
        return given.get(node.name.value)
    return value_from_ast_untyped(node, dict(given))


def _longest(given: object) -> int:
    """Return how many rows an input holds."""
    if not isinstance(given, dict):
        return 0
    return max((len(value) for value in given.values() if isinstance(value, list)), default=0)
