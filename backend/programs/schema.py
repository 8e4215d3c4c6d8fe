"""Prints the GraphQL schema, as it is committed in schema.graphql."""

import argparse
import sys

from backend import schema


def main(argv: list[str]) -> int:
    """Print the SDL."""
    argparse.ArgumentParser(
        prog="shelfcast schema", description="Print the GraphQL schema."
    ).parse_args(argv)
    print(schema.build().as_str())
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
