"""GraphQL documents made from the schema: whatever it offers is asked for."""

from graphql import (
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLObjectType,
    GraphQLUnionType,
    get_named_type,
    get_nullable_type,
    is_leaf_type,
    is_required_argument,
)

from backend import schema

CORE = schema.build()._schema


def lists():
    """Return the root fields that answer with a page of a list, by name."""
    return {
        name: field
        for name, field in root_fields("Query").items()
        if get_named_type(field.type).name.endswith("Connection")
    }


def root_fields(root) -> dict[str, GraphQLField]:
    """Return the fields of `Query`, `Mutation` or `Subscription` by name."""
    return fields_of(CORE.type_map[root])


def fields_of(kind) -> dict:
    """Return the fields of a type, lists and `!` around it left aside, by name."""
    named = get_named_type(kind)
    assert isinstance(named, GraphQLObjectType | GraphQLInputObjectType)
    return named.fields


def operation(root, name):
    """Return a document that calls a root field with all its arguments and asks for everything.

    Each argument is a variable of the same name, optional where it has a default.
    """
    field = root_fields(root)[name]
    variables = ", ".join(
        f"${key}: {argument.type if is_required_argument(argument) else optional(argument.type)}"
        for key, argument in field.args.items()
    )
    passed = ", ".join(f"{key}: ${key}" for key in field.args)
    head = f"{root.lower()} ({variables})" if variables else root.lower()
    arguments = f"({passed})" if passed else ""
    return f"{head} {{ {name}{arguments} {everything(field.type)} }}"


def optional(kind):
    """Return a type without its outer `!`."""
    return get_nullable_type(kind)


def required(field):
    """Return the arguments that a field cannot do without: each is a list of all of an enum."""
    kinds = {
        name: get_named_type(argument.type)
        for name, argument in field.args.items()
        if is_required_argument(argument)
    }
    assert all(isinstance(kind, GraphQLEnumType) for kind in kinds.values())
    given = ", ".join(f"{name}: [{' '.join(kind.values)}]" for name, kind in kinds.items())
    return f"({given})" if given else ""


def everything(kind, above=frozenset()):
    """Return a selection of all fields of a type, of relations too, but no type within itself."""
    named = get_named_type(kind)
    if is_leaf_type(named):
        return ""
    if isinstance(named, GraphQLUnionType):
        parts = [f"... on {one.name} {everything(one, above)}" for one in named.types]
        return f"{{ __typename {' '.join(parts)} }}"
    assert isinstance(named, GraphQLObjectType)
    chosen = [
        f"{name}{required(field)} {everything(field.type, above | {named.name})}".strip()
        for name, field in named.fields.items()
        if get_named_type(field.type).name not in above | {named.name}
        and not (name == "edges" and "nodes" in named.fields)
    ]
    return f"{{ {' '.join(chosen)} }}"
