from pathlib import Path

import pytest
from graphql import is_specified_scalar_type
from strawberry.types.base import get_object_definition
from strawberry.utils.str_converters import to_camel_case

from backend import schema
from backend.infra.api.access import Requires

COMMITTED = Path(__file__).parents[2] / "schema.graphql"
ROOTS = {
    "Query": schema.QUERIES,
    "Mutation": schema.MUTATIONS,
    "Subscription": schema.SUBSCRIPTIONS,
}
BUILT = schema.build()


def named_types():
    core = BUILT._schema
    return [
        named
        for name, named in sorted(core.type_map.items())
        if not name.startswith("__") and not is_specified_scalar_type(named) and name not in ROOTS
    ]


def root_fields():
    for root, classes in ROOTS.items():
        for cls in classes:
            for field in get_object_definition(cls, strict=True).fields:
                yield pytest.param(field, id=f"{root}.{field.name}")


def members(named):
    fields = getattr(named, "fields", None) or getattr(named, "values", None) or {}
    return [(f"{named.name}.{name}", member) for name, member in fields.items()]


def test_the_committed_schema_is_the_one_of_the_code():
    assert COMMITTED.read_text() == BUILT.as_str() + "\n", "run: shelfcast schema > schema.graphql"


def test_every_type_field_and_enum_value_is_described():
    everything = [(named.name, named) for named in named_types()]
    everything += [member for named in named_types() for member in members(named)]
    for root in ROOTS:
        everything += (
            members(BUILT._schema.type_map[root]) if root in BUILT._schema.type_map else []
        )

    silent = [name for name, member in everything if not member.description]

    assert silent == []


@pytest.mark.parametrize("field", list(root_fields()))
def test_every_root_field_says_who_may_use_it(field):
    declared = [one for one in field.extensions if isinstance(one, Requires) and one.scopes]

    assert declared or to_camel_case(field.name) in schema.PUBLIC_FIELDS


def test_there_are_no_directives_of_our_own():
    # One custom directive makes all execution several times slower.
    names = {directive.name for directive in BUILT._schema.directives}

    assert names <= {"include", "skip", "deprecated", "specifiedBy", "oneOf"}
