"""What must be known of a document to share its execution."""

from collections import Counter
from functools import lru_cache
from typing import Any, Final

from graphql import (
    SKIP,
    DocumentNode,
    FieldNode,
    GraphQLError,
    OperationDefinitionNode,
    VariableNode,
    Visitor,
    parse,
    visit,
)
from strawberry.schema.exceptions import CannotGetOperationTypeError
from strawberry.types.graphql import OperationType
from strawberry.utils.operation import get_operation_type

RESUMING: Final = frozenset({"after", "snapshot"})
"""Arguments of root fields that make no difference once a subscriber is up to date."""


@lru_cache(maxsize=512)
def is_subscription(query: str, operation_name: str | None) -> bool:
    """Tell whether an operation may be begun anew without doing anything twice."""
    try:
        return get_operation_type(parse(query), operation_name) is OperationType.SUBSCRIPTION
    except (GraphQLError, CannotGetOperationTypeError):
        return False


@lru_cache(maxsize=512)
def resuming_variables(query: str, operation_name: str | None) -> frozenset[str]:
    """Return the variables that are used for nothing but to say where a subscriber begins."""
    try:
        document = parse(query)
    except GraphQLError:
        return frozenset()
    counts = _Uses()
    visit(document, counts)
    return frozenset(
        argument.value.name.value
        for field in _root_fields(document, operation_name)
        for argument in field.arguments or ()
        if argument.name.value in RESUMING
        and isinstance(argument.value, VariableNode)
        and counts.uses[argument.value.name.value] == 1
    )


def _root_fields(document: DocumentNode, operation_name: str | None) -> list[FieldNode]:
    return [
        node
        for definition in document.definitions
        if isinstance(definition, OperationDefinitionNode)
        and (operation_name is None or _name(definition) == operation_name)
        for node in definition.selection_set.selections
        if isinstance(node, FieldNode)
    ]


def _name(definition: OperationDefinitionNode) -> str | None:
    return definition.name.value if definition.name else None


class _Uses(Visitor):
    """Counts how often each variable is used."""

    def __init__(self) -> None:
        super().__init__()
        self.uses: Counter[str] = Counter()

    def enter_variable_definition(self, *_: object) -> Any:
        """Pass over declarations."""
        return SKIP

    def enter_variable(self, node: VariableNode, *_: object) -> None:
        """Count a use."""
        self.uses[node.name.value] += 1
