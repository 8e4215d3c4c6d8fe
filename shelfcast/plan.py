"""What `up` starts: every program with its command, its environment and its sign of readiness."""

from __future__ import annotations

import signal
import sys
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from shelfcast.program import Program, answers, cluster_is_ready, exists

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from shelfcast.program import Probe

RECOVERY_TIMEOUT_S = 900.0
"""PostgreSQL may replay gigabytes of log after a crash."""

CLIENT_SCOPES = {
    "dashboard": "admin",
    "edge": "reads:write",
    "simulator": "catalogue:read locations:read stock:read stock:write sales:write",
}
"""The OAuth clients of our own programs, each with no more than it needs.

People sign in at the dashboard: whatever it may do, it does within what they may.
"""

SIGN_IN_CALLBACK = "/login/callback"
"""Path of the dashboard to which the backend leads people back."""

NO_DEMO_HERE = 3
"""Exit code of `demo load` where the installation belongs to a real retailer."""


@dataclass(frozen=True, slots=True)
class Options:
    """What the user asked of `up`."""

    data_dir: Path
    environment: Mapping[str, str] = field(repr=False)
    port: int = 8000
    dashboard_port: int = 8050
    demo: bool = True
    speed: float | None = None

    @property
    def is_embedded(self) -> bool:
        """Whether the database is ours to run."""
        return not self.environment.get("SHELFCAST_DATABASE_URL")

    @property
    def host(self) -> str:
        """Where this machine reaches the backend."""
        return _reachable(self.environment.get("SHELFCAST_HOST"))

    @property
    def dashboard_host(self) -> str:
        """Where this machine reaches the dashboard."""
        return _reachable(self.environment.get("SHELFCAST_DASHBOARD_HOST"))


def client_names(*, has_demo: bool) -> list[str]:
    """Return the names of the OAuth clients an `up` needs."""
    return list(CLIENT_SCOPES) if has_demo else ["dashboard"]


class Plan:
    """The programs of one `up`, all with the same environment."""

    def __init__(self, options: Options) -> None:
        self.options = options
        port, dashboard_port = str(options.port), str(options.dashboard_port)
        self._environment = {
            "SHELFCAST_BACKEND_URL": f"http://{options.host}:{port}",
            "SHELFCAST_DASHBOARD_URL": f"http://localhost:{dashboard_port}",
            "PYTHONUNBUFFERED": "1",
            **options.environment,
            "SHELFCAST_DATA_DIR": str(options.data_dir),
            "SHELFCAST_PORT": port,
            "SHELFCAST_DASHBOARD_PORT": dashboard_port,
        }

    def database(self) -> Program:
        """Return the embedded PostgreSQL, which also takes over from a server left behind."""
        ready = cluster_is_ready(self.options.data_dir / "postgres")
        words = ("serve", "--replace")
        return replace(
            self._program("database", "backend.programs.database", *words, is_ready=ready),
            start_timeout_s=RECOVERY_TIMEOUT_S,
            stop_signal=signal.SIGINT,  # PostgreSQL: shut down now, do not wait for clients
            stop_timeout_s=20.0,
        )

    def migrate(self) -> Program:
        """Return the program that migrates and gives an empty database its organisation."""
        words = ("--demo",) if self.options.demo else ()
        return self._program("migrate", "backend.programs.migrate", *words)

    def create_client(self, name: str) -> Program:
        """Return the program that prints the credentials of a new OAuth client as JSON."""
        words = ["create", "--name", name, "--scope", CLIENT_SCOPES[name]]
        if name == "dashboard":
            address = self._environment["SHELFCAST_DASHBOARD_URL"].rstrip("/")
            words += ["--first-party", "--redirect-uri", address + SIGN_IN_CALLBACK]
        return self._program(f"client-{name}", "backend.programs.client", *words)

    def backend(self) -> Program:
        """Return the API server."""
        ready = answers(self.options.host, self.options.port, "/readyz")
        return self._program("backend", "backend.programs.server", is_ready=ready)

    def worker(self) -> Program:
        """Return the background worker."""
        return self._program("worker", "backend.programs.worker")

    def dashboard(self) -> Program:
        """Return the web pages; they find their credentials in the data folder."""
        ready = answers(self.options.dashboard_host, self.options.dashboard_port, "/healthz")
        return self._program("dashboard", "dashboard", is_ready=ready)

    def demo_load(self) -> Program:
        """Return the program that fills an empty installation with the demo retailer."""
        return self._program("demo-load", "backend.programs.demo", "load")

    def simulator(self) -> Program:
        """Return the simulated stores, which also write the configuration of their edge agent."""
        speed = self.options.speed
        words = ("simulate", *(("--speed", str(speed)) if speed is not None else ()))
        ready = exists(self.edge_config)
        return self._program("simulator", "backend.programs.demo", *words, is_ready=ready)

    def edge(self) -> Program:
        """Return the edge agent that listens to the simulated scanners."""
        return self._program("edge", "edge_agent", "--config", str(self.edge_config))

    @property
    def demo_folder(self) -> Path:
        """What the demo's programs keep between them."""
        return self.options.data_dir / "demo"

    @property
    def edge_config(self) -> Path:
        """What the simulator tells the edge agent, once its scanners are there."""
        return self.demo_folder / "edge.toml"

    def urls(self) -> dict[str, str]:
        """Return where a person finds the programs."""
        return {
            "wall": f"http://{_spoken(self.options.dashboard_host)}:{self.options.dashboard_port}",
            "graphql": f"http://{_spoken(self.options.host)}:{self.options.port}/graphql",
        }

    def _program(
        self, name: str, module: str, *words: str, is_ready: Probe | None = None
    ) -> Program:
        command = (sys.executable, "-m", module, *words)
        return Program(name, command, self._environment, is_ready)


def _reachable(host: str | None) -> str:
    """Return an address that leads to a server bound to `host`."""
    return "127.0.0.1" if not host or host in {"localhost", "0.0.0.0", "::"} else host


def _spoken(host: str) -> str:
    return "localhost" if host == "127.0.0.1" else host
