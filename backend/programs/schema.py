"""Prints the contract: the GraphQL schema, all error codes, or all analyses."""

import argparse
import importlib
import inspect
import pkgutil
import sys
from collections.abc import Iterator

import backend
from backend import schema
from backend.core.errors import ShelfcastError
from backend.programs.analyses import analyses_document

_HEAD = """\
# Error codes

What a client branches on: `errors[].extensions.code` of a GraphQL answer, `userErrors[].code` of a
row, and the same shape with the HTTP status that fits for what fails before GraphQL. Codes are
never renamed. Made by `shelfcast schema --errors > docs/errors.md`.

The token endpoint answers with the errors of RFC 6749 instead: `invalid_request`, `invalid_client`,
`invalid_scope`, `unsupported_grant_type`, and `temporarily_unavailable` with status 429 after too
many failures.

| code | when |
|---|---|"""

_ELSEWHERE = {
    "GRAPHQL_PARSE_FAILED": "The document is not GraphQL.",
    "GRAPHQL_VALIDATION_FAILED": "The document does not fit the schema.",
    "UNDECODED": "A scanned code that nobody knows; the read is accepted and parked.",
}


def main(argv: list[str]) -> int:
    """Print the SDL, or the table of error codes or of analyses."""
    parser = argparse.ArgumentParser(prog="shelfcast schema", description=__doc__)
    parser.add_argument("--errors", action="store_true", help="print the error codes as Markdown")
    parser.add_argument("--analyses", action="store_true", help="print the analyses as Markdown")
    arguments = parser.parse_args(argv)
    if arguments.analyses:
        print(analyses_document())
    else:
        print(error_document() if arguments.errors else schema.build().as_str())
    return 0


def error_document() -> str:
    """Return docs/errors.md: every code with the first sentence of its class."""
    for module in pkgutil.walk_packages(backend.__path__, "backend."):
        if ".migrations." not in module.name:
            importlib.import_module(module.name)  # a class not imported would have no line
    codes = dict(_ELSEWHERE)
    for kind in _errors(ShelfcastError):
        codes.setdefault(kind.code, inspect.cleandoc(kind.__doc__ or "").splitlines()[0])
    return "\n".join([_HEAD, *(f"| `{code}` | {codes[code]} |" for code in sorted(codes))])


def _errors(kind: type[ShelfcastError]) -> Iterator[type[ShelfcastError]]:
    """Yield the classes that bring a code of their own, the outer ones first."""
    for each in sorted(kind.__subclasses__(), key=lambda one: (one.__module__, one.__name__)):
        is_public = each.__module__.startswith("backend.") and ".programs." not in each.__module__
        if is_public and "code" in vars(each):
            yield each
        yield from _errors(each)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
