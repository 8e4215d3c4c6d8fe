"""How large a GraphQL document may be: depth, aliases and fields, counted through its fragments.

Strawberry's own limiters walk every spread anew, so a short document of nested fragments keeps them
busy for ever, and they trip over fragments that are not there; here each fragment is measured once.
"""

from dataclasses import dataclass
from typing import ClassVar

from graphql import GraphQLError, ValidationContext, ValidationRule
from graphql.language import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    Node,
    OperationDefinitionNode,
)
from graphql.validation import ASTValidationRule

from backend.core.errors import TooMuch
from backend.core.limits import DEFAULTS, Limits


@dataclass(frozen=True, slots=True)
class Size:
    """How deep a selection goes, how many aliases and how many fields it has when spread out."""

    depth: int = 0
    aliases: int = 0
    fields: int = 0

    def beside(self, other: "Size") -> "Size":
        """Return the size of both in one selection set."""
        return Size(
            max(self.depth, other.depth),
            self.aliases + other.aliases,
            self.fields + other.fields,
        )


class DocumentLimits(ValidationRule):
    """Refuses operations that are too deep or too wide; introspection has a rule of its own."""

    limits: ClassVar[Limits] = DEFAULTS

    def __init__(self, context: ValidationContext) -> None:
        super().__init__(context)
        self._fragments: dict[str, FragmentDefinitionNode] = {}
        self._sizes: dict[str, Size | None] = {}
        definitions = context.document.definitions
        for definition in definitions:
            if isinstance(definition, FragmentDefinitionNode):
                self._fragments[definition.name.value] = definition
        for definition in definitions:
            if isinstance(definition, OperationDefinitionNode):
                self._check(definition)

    def _check(self, operation: OperationDefinitionNode) -> None:
        try:
            size = self._size_of(operation)
        except RecursionError:  # a chain of hundreds of fragments
            size = Size(depth=self.limits.max_document_depth + 1)
        for name, found, most in (
            ("depth", size.depth, self.limits.max_document_depth),
            ("aliases", size.aliases, self.limits.max_document_aliases),
            ("fields", size.fields, self.limits.max_document_fields),
        ):
            if found > most:
                extensions = {"code": TooMuch.code, "of": name, "limit": most}
                message = f"this operation has too many {name}: at most {most} are allowed"
                if name == "depth":
                    message = f"this operation is nested too deeply: at most {most} levels"
                self.report_error(GraphQLError(message, [operation], extensions=extensions))

    def _size_of(self, node: Node) -> Size:
        """Return the size of what is selected below a node."""
        selection_set = getattr(node, "selection_set", None)
        total = Size()
        for selection in selection_set.selections if selection_set else ():
            total = total.beside(self._size_of_selection(selection))
        return total

    def _size_of_selection(self, selection: Node) -> Size:
        if isinstance(selection, FragmentSpreadNode):
            return self._size_of_fragment(selection.name.value)
        below = self._size_of(selection)
        if not isinstance(selection, FieldNode):
            return below
        aliases = below.aliases + (selection.alias is not None)
        if selection.name.value.startswith("__"):
            return Size(1, aliases, 1)
        return Size(below.depth + 1, aliases, below.fields + 1)

    def _size_of_fragment(self, name: str) -> Size:
        """Measure a fragment once; unknown ones and cycles are for other rules to report."""
        if name not in self._sizes:
            self._sizes[name] = None
            if name in self._fragments:
                self._sizes[name] = self._size_of(self._fragments[name])
        return self._sizes[name] or Size()


def document_limits(limits: Limits) -> type[ASTValidationRule]:
    """Return the rule with these limits."""
    return type("DocumentLimits", (DocumentLimits,), {"limits": limits})
