"""Types whose docstrings are the schema's descriptions.

Product text stands once, beside what it describes.
"""

import ast
import inspect
import sys
from enum import Enum
from functools import cache
from typing import TypeVar, dataclass_transform

import strawberry
from strawberry.types.base import get_object_definition

T = TypeVar("T", bound=type)
E = TypeVar("E", bound=type[Enum])


@dataclass_transform(kw_only_default=True, field_specifiers=(strawberry.field,))
def object_type(cls: T) -> T:
    """Make a GraphQL object type; class, attribute and method docstrings become descriptions."""
    return describe(strawberry.type(cls))


@dataclass_transform(kw_only_default=True, field_specifiers=(strawberry.field,))
def input_type(cls: T) -> T:
    """Make a GraphQL input type; class and attribute docstrings become descriptions."""
    return describe(strawberry.input(cls))


def enum_type(cls: E, name: str | None = None) -> E:
    """Make a GraphQL enum of values equal to their names; docstrings become descriptions.

    `name` is what it is called in the schema, where it is not that of the class.
    """
    made = strawberry.enum(cls, name=name, description=_summary(cls))
    docs = _attribute_docs(cls)
    for value in made.__strawberry_definition__.values:  # pyright: ignore[reportAttributeAccessIssue]
        value.description = docs.get(value.name)
    return made


def describe(cls: T) -> T:
    """Give a type and its fields, where they have none, their docstrings as descriptions."""
    definition = get_object_definition(cls, strict=True)
    definition.description = definition.description or _summary(cls)
    for field in definition.fields:
        if field.description is None:
            field.description = _field_description(cls, field.python_name)
    return cls


def _field_description(cls: type, name: str) -> str | None:
    for base in cls.__mro__:
        docs = _attribute_docs(base)
        if name in docs:
            return docs[name]
    return None


def _summary(cls: type) -> str | None:
    return inspect.cleandoc(cls.__doc__) if cls.__doc__ else None


@cache
def _attribute_docs(cls: type) -> dict[str, str]:
    """Return the docstrings under a class's attributes and in its methods, by name."""
    body = _classes(cls.__module__).get(cls.__qualname__)
    if body is None:
        return {}
    docs: dict[str, str] = {}
    for statement, following in zip(body.body, [*body.body[1:], None], strict=True):
        if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef):
            doc = ast.get_docstring(statement)
            if doc:
                docs[statement.name] = doc
            continue
        name = _assigned_name(statement)
        if name and isinstance(following, ast.Expr) and isinstance(following.value, ast.Constant):
            docs[name] = inspect.cleandoc(str(following.value.value))
    return docs


@cache
def _classes(module: str) -> dict[str, ast.ClassDef]:
    """Return a module's own classes; inspect would parse it all again for each of them."""
    try:
        tree = ast.parse(inspect.getsource(sys.modules[module]))
    except (KeyError, OSError, TypeError):
        return {}
    return {one.name: one for one in tree.body if isinstance(one, ast.ClassDef)}


def _assigned_name(statement: ast.stmt) -> str | None:
    if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
        return statement.target.id
    if isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name):
        return statement.targets[0].id
    return None
