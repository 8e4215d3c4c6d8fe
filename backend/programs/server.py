"""The API server: GraphQL, OAuth, health, metrics."""

import gc
import sys

import uvicorn

from backend.app import create_app
from backend.core.settings import BackendSettings
from backend.identity.oauth.rules import check_origin
from backend.programs import command

_GRACE = 5
"""Seconds open requests and sockets get after SIGTERM."""


def main(argv: list[str]) -> int:
    """Serve until SIGINT or SIGTERM."""
    parser = command.parser("backend", "Serve GraphQL, OAuth, health and metrics.")
    parser.add_argument("--host", help="address to listen on (SHELFCAST_HOST)")
    parser.add_argument("--port", type=int, help="port to listen on (SHELFCAST_PORT)")
    arguments = parser.parse_args(argv)
    changes = {"host": arguments.host, "port": arguments.port}
    given = {name: value for name, value in changes.items() if value is not None}
    return command.run("backend", lambda: _serve(command.settings_of(arguments, **given)))


def _serve(settings: BackendSettings) -> int:
    check_origin(settings.origin, settings.plain_http_hosts)
    command.log_to_stderr(settings)
    with command.owner_url(settings) as url:
        config = uvicorn.Config(
            create_app(settings, url),
            host=settings.host,
            port=settings.port,
            lifespan="on",
            log_config=None,
            access_log=False,
            server_header=False,
            date_header=False,  # the boundary's is exact
            ws="websockets-sansio",
            ws_max_size=settings.max_message_bytes,
            # Compressing per socket would cost more than the message itself, which sockets share.
            ws_per_message_deflate=False,
            timeout_graceful_shutdown=_GRACE,
        )
        server = uvicorn.Server(config)
        gc.freeze()  # schema and modules stay for good
        server.run()
        return 0 if server.started else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
