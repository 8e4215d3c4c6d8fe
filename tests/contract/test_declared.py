"""Every field says who may see it, and no way through the schema leads past what it says."""

import re

from graphql import GraphQLInterfaceType, GraphQLObjectType, GraphQLUnionType, get_named_type

from backend.core.scopes import Scope
from backend.infra.api.access import Hides, Requires
from backend.infra.api.declared import seen_by
from backend.schema import PUBLIC_FIELDS
from tests.contract.documents import CORE

ROOTS = ("Query", "Mutation", "Subscription")
SECRET = re.compile(r"^(unit)?cost$|profit|margin", re.IGNORECASE)
SHOWN_TO_WRITERS = {
    Scope.SALES_WRITE: Scope.SALES_READ,
    Scope.STOCK_WRITE: Scope.STOCK_READ,
    Scope.ALERTS_WRITE: Scope.ALERTS_READ,
    Scope.CATALOGUE_WRITE: Scope.CATALOGUE_READ,
    Scope.LOCATIONS_WRITE: Scope.LOCATIONS_READ,
    Scope.CUSTOMERS_WRITE: Scope.CUSTOMERS_READ,
    Scope.DEVICES_WRITE: Scope.DEVICES_READ,
    Scope.REPORTS_WRITE: Scope.REPORTS_READ,
}
"""Who writes sees what became of it."""


def objects():
    return {
        name: kind
        for name, kind in CORE.type_map.items()
        if isinstance(kind, GraphQLObjectType) and not name.startswith("__")
    }


def declaration(name):
    """Return what the class of a type declares."""
    return seen_by(CORE.type_map[name].extensions["strawberry-definition"].origin)


def required(field):
    """Return the scopes without which a field is refused, with what they imply."""
    definition = field.extensions.get("strawberry-definition")
    found = {
        scope
        for extension in getattr(definition, "extensions", ())
        if isinstance(extension, Requires) and not isinstance(extension, Hides)
        for scope in extension.scopes
    }
    return found | {SHOWN_TO_WRITERS[scope] for scope in found & SHOWN_TO_WRITERS.keys()}


def is_guarded(field):
    extensions = getattr(field.extensions.get("strawberry-definition"), "extensions", ())
    return any(isinstance(one, Requires) and one.scopes for one in extensions)


def reached(kind):
    """Return the object types that a field's type may turn out to be."""
    named = get_named_type(kind)
    if isinstance(named, GraphQLUnionType | GraphQLInterfaceType):
        return [one.name for one in CORE.get_possible_types(named)]
    return [named.name] if isinstance(named, GraphQLObjectType) else []


def held_at():
    """Return by type the scopes that whoever reached it must hold, on whichever way."""
    held: dict[str, frozenset[Scope]] = {root: frozenset() for root in ROOTS}
    open_ends: list[str] = list(ROOTS)
    while open_ends:
        name = open_ends.pop()
        own = declaration(name) if name not in ROOTS else None
        base = held[name] | (own.opens if own else frozenset())
        for field in objects()[name].fields.values():
            for target in reached(field.type):
                there = base | required(field)
                known = held.get(target)
                narrowed = there if known is None else known & there
                if narrowed != known:
                    held[target] = narrowed
                    open_ends.append(target)
    return held


def test_every_field_says_who_may_see_it_itself_or_by_its_type():
    silent = [
        f"{name}.{field_name}"
        for name, kind in objects().items()
        for field_name, field in kind.fields.items()
        if not is_guarded(field)
        and (field_name not in PUBLIC_FIELDS if name in ROOTS else declaration(name) is None)
    ]

    assert silent == []


def test_no_way_leads_to_an_object_without_the_scopes_its_type_names():
    held = held_at()

    missing = {
        name: sorted(declared.scopes - held[name])
        for name in objects().keys() - set(ROOTS)
        if (declared := declaration(name)) is not None and not declared.scopes <= held[name]
    }

    assert held["Sale"] >= {Scope.SALES_READ}
    assert missing == {}


def test_cost_and_profit_are_hidden_from_who_may_not_analyse():
    bare = [
        f"{name}.{field_name}"
        for name, kind in objects().items()
        for field_name, field in kind.fields.items()
        if SECRET.search(field_name)
        and not any(
            isinstance(one, Requires) and Scope.ANALYTICS_READ in one.scopes
            for one in field.extensions["strawberry-definition"].extensions
        )
    ]

    secrets = [name for kind in objects().values() for name in kind.fields if SECRET.search(name)]
    assert len(secrets) >= 5
    assert bare == []
