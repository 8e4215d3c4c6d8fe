"""Asks the running backend for an access token and prints it, nothing else."""

import argparse
import json
import os
import sys
import urllib.error
import urllib.parse
import urllib.request

from backend.core.errors import Invalid, Unreachable
from backend.programs import command

_TIMEOUT = 10.0


class TokenDenied(Invalid):
    """The backend gave no token."""

    code = "TOKEN_DENIED"


def main(argv: list[str]) -> int:
    """Print an access token for a client's credentials."""
    parser = command.parser("token", "Print an access token of the running backend.")
    parser.add_argument("--client", metavar="ID", help="client_id (SHELFCAST_CLIENT_ID)")
    parser.add_argument(
        "--secret",
        metavar="S",
        help="client_secret (SHELFCAST_CLIENT_SECRET, safer than an option)",
    )
    parser.add_argument("--credentials", metavar="FILE", help="JSON as `client create` printed it")
    parser.add_argument("--scope", help="ask for these scopes only")
    parser.add_argument("--url", help="the backend's address (found by itself)")
    parser.add_argument("--json", action="store_true", help="print the whole answer")
    arguments = parser.parse_args(argv)
    return command.run("token", lambda: _print_token(arguments))


def _print_token(arguments: argparse.Namespace) -> int:
    client_id, secret = _credentials(arguments)
    form = {"grant_type": "client_credentials", "client_id": client_id, "client_secret": secret}
    if arguments.scope:
        form["scope"] = arguments.scope
    answer = _ask(arguments.url or _backend_url(arguments), form)
    print(json.dumps(answer) if arguments.json else answer["access_token"])
    return 0


def _credentials(arguments: argparse.Namespace) -> tuple[str, str]:
    client_id = arguments.client or os.environ.get("SHELFCAST_CLIENT_ID")
    secret = arguments.secret or os.environ.get("SHELFCAST_CLIENT_SECRET")
    if arguments.credentials:
        with open(arguments.credentials) as file:  # noqa: PTH123 - also /dev/stdin
            stored = json.load(file)
        client_id, secret = stored["client_id"], stored["client_secret"]
    if not client_id or not secret:
        raise TokenDenied("give --client and --secret, or --credentials FILE")
    return client_id, secret


def _backend_url(arguments: argparse.Namespace) -> str:
    """Return where the backend of this data folder listens."""
    known = command.instance(arguments.data_dir).get("urls", {}).get("graphql")
    if isinstance(known, str):
        return known.removesuffix("/graphql")
    settings = command.settings_of(arguments)
    return settings.public_url or f"http://127.0.0.1:{settings.port}"


def _ask(url: str, form: dict[str, str]) -> dict[str, object]:
    request = urllib.request.Request(
        f"{url.rstrip('/')}/oauth/token", urllib.parse.urlencode(form).encode()
    )
    try:
        with urllib.request.urlopen(request, timeout=_TIMEOUT) as response:
            return json.load(response)
    except urllib.error.HTTPError as exc:
        raise TokenDenied(_reason(exc)) from exc
    except OSError as exc:
        raise Unreachable(f"no backend answers at {url}: {exc}") from exc


def _reason(exc: urllib.error.HTTPError) -> str:
    try:
        body = json.load(exc)
    except ValueError:
        return f"the backend answered {exc.code}"
    if "error" in body:
        return f"{body['error']}: {body.get('error_description', '')}"
    return body["errors"][0]["message"]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
