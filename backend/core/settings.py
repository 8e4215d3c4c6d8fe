"""The settings of the backend's programs, read from `SHELFCAST_*`."""

import hashlib
import hmac
import json
import os
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Final
from urllib.parse import quote, unquote, urlsplit, urlunsplit

from pydantic import Field, SecretStr
from pydantic_settings import SettingsConfigDict

from backend.core.limits import Limits

SHORTEST_SALES_RETENTION: Final = timedelta(days=93)
"""The last two months are kept whatever is set."""
ROLES: Final = ("app", "limited", "tail", "auth")


def default_data_dir() -> Path:
    """Return where data lie when nobody says otherwise (XDG Base Directory)."""
    base = os.environ.get("XDG_DATA_HOME") or str(Path.home() / ".local" / "share")
    return Path(base) / "shelfcast"


class BackendSettings(Limits):
    """Settings shared by backend, worker and the one-off commands."""

    model_config = SettingsConfigDict(
        env_prefix="SHELFCAST_", frozen=True, extra="ignore", use_attribute_docstrings=True
    )

    data_dir: Path = default_data_dir()
    """Folder of the embedded PostgreSQL, secrets and logs."""
    database_url: SecretStr | None = None
    """PostgreSQL 16 or newer, as the owner of the database; unset: the embedded one in data_dir."""
    app_database_url: SecretStr | None = None
    """The same database as role shelfcast_app; unset: derived from database_url."""
    limited_database_url: SecretStr | None = None
    """The same database as role shelfcast_limited; unset: derived from database_url."""
    tail_database_url: SecretStr | None = None
    """The same database as role shelfcast_tail; unset: derived from database_url."""
    auth_database_url: SecretStr | None = None
    """The same database as role shelfcast_auth; unset: derived from database_url."""
    redis_url: SecretStr | None = None
    """Redis for the fan-out between several backend processes; unset: each process follows the log
    itself."""
    secret_key: SecretStr | None = None
    """Key that signs and encrypts what the database must not hold in the clear; unset: made once in
    data_dir."""
    host: str = "127.0.0.1"
    """Address the backend listens on."""
    port: int = 8000
    """Port the backend listens on."""
    public_url: str | None = None
    """Origin under which clients reach the backend: https, off loopback; unset:
    http://localhost:<port>."""
    dashboard_url: str = "http://localhost:8050"
    """Origin of the dashboard, allowed to open WebSockets."""
    log_level: str = "INFO"
    """Least level that is logged."""
    pool_size: int = 10
    """Database connections of one process for requests."""
    pool_timeout: timedelta = timedelta(seconds=10)
    """Longest wait for a connection before UNAVAILABLE is answered."""
    statement_timeout: timedelta = timedelta(seconds=30)
    """Longest time of one statement."""
    columns_memory: Annotated[int, Field(ge=0)] = 1000
    """Megabytes that a backend may take for its copy of what was sold, in columns; the copy itself
    lies in data_dir, some 40 bytes for each line. 0: no copy is kept."""
    forecast_memory: int = 4000
    """Megabytes that the process may take in which forecasts are trained."""
    forecast_horizon: Annotated[int, Field(ge=28, le=91)] = 28
    """Days that are forecast; another number counts from the next training on."""
    forecast_processes: Annotated[int, Field(ge=1, le=64)] = 1
    """Processes, each with as much memory, that forecast what does not fit into one part; with Ray,
    processors it is asked for."""
    forecast_ray: str | None = None
    """Address of a Ray cluster that does so instead (extra `ray`), `local` for one of this machine;
    unset: processes of this machine."""
    token_lifetime: timedelta = timedelta(minutes=10)
    """Life of an access token."""
    refresh_lifetime: timedelta = timedelta(days=30)
    """A refresh token ends when it is not used for so long, and with it what a person allowed."""
    plain_http_hosts: str = ""
    """Host names, separated by commas, that may be reached without TLS beside loopback: those of a
    private network that nobody else reaches. With any other `http://` public URL the backend does
    not start, and OAuth refuses what comes in the clear."""
    session_idle: timedelta = timedelta(hours=12)
    """A browser's sign-in ends when it is not used for so long."""
    session_lifetime: timedelta = timedelta(days=30)
    """A browser's sign-in ends after so long, used or not."""
    screen_session_lifetime: timedelta = timedelta(days=365)
    """The same for a wall, which signs in with the role SCREEN and which nobody sits at."""
    invitation_lifetime: timedelta = timedelta(days=7)
    """How long an invitation can be accepted."""
    reset_lifetime: timedelta = timedelta(hours=1)
    """How long a link that resets a password works."""
    closing_grace: timedelta = timedelta(days=30)
    """How long the data of a closed organisation are kept before the worker deletes them."""
    smtp_url: SecretStr | None = None
    """Mail server: smtp://, smtp+starttls:// or smtps://, with user and password where it asks for
    them; unset: links are shown to whoever makes them instead of being sent."""
    mail_from: str = "shelfcast@localhost"
    """Sender of mails."""
    webhook_private_hosts: str = ""
    """Host names, separated by commas, to which webhooks are sent though they are not of the public
    internet; by http:// too."""
    report_retention: timedelta = timedelta(days=90)
    """How long the files of reports are kept; what became of each, four times as long."""
    feed_retention: timedelta = timedelta(days=30)
    """How long events can be replayed."""
    reads_retention: timedelta = timedelta(days=90)
    """How long raw reads are kept."""
    key_retention: timedelta | None = None
    """How long idempotency keys are kept; unset: for ever. Older events are then refused as
    TOO_OLD."""
    sales_retention: Annotated[timedelta, Field(ge=SHORTEST_SALES_RETENTION)] | None = None
    """How long single sales are kept, in whole months, once they are summed up; unset: for ever.
    Older ones are then refused as TOO_OLD."""
    heartbeat_interval: timedelta = timedelta(seconds=5)
    """Time between heartbeats of a quiet feed."""
    enrolment_lifetime: timedelta = timedelta(minutes=15)
    """How long an enrolment code lets an agent in."""
    agent_heartbeat: timedelta = timedelta(seconds=30)
    """Time between reports of an agent."""
    agent_silence: timedelta = timedelta(seconds=90)
    """An agent that is not heard of for so long is silent, which raises an alert: three reports."""
    agent_stopped_silence: timedelta = timedelta(hours=36)
    """The same for an agent that said it stops: a night, or a day on which the shop is closed."""
    agent_clock_tolerance: timedelta = timedelta(minutes=1)
    """How far an agent's clock may be off before it raises an alert."""
    in_store_codes: str = ""
    """How numbers of the shop's own (GS1 prefixes 02, 20 to 29) hold a weight, price or count:
    layouts such as 28IIIIVWWWWW, separated by commas."""

    @property
    def origin(self) -> str:
        """The origin clients use, without a trailing slash."""
        return (self.public_url or f"http://localhost:{self.port}").rstrip("/")

    @property
    def private_hosts(self) -> tuple[str, ...]:
        """The hosts of `webhook_private_hosts`."""
        return tuple(one.strip() for one in self.webhook_private_hosts.split(",") if one.strip())

    def role_url(self, role: str, owner_url: str) -> str:
        """Return the URL of one of the roles `app`, `limited`, `tail`, `auth`."""
        explicit: SecretStr | None = getattr(self, f"{role}_database_url")
        if explicit is not None:
            return explicit.get_secret_value()
        return as_role(owner_url, role)


def as_role(owner_url: str, role: str) -> str:
    """Return the URL of the same database as another role, with the password derived for it."""
    parts = urlsplit(owner_url)
    user = f"shelfcast_{role}"
    location = parts.netloc.rpartition("@")[2]
    login = f"{user}:{quote(role_password(owner_url, user))}"
    return urlunsplit(
        parts._replace(netloc=f"{login}@{location}", query=_without_login(parts.query))
    )


def role_password(owner_url: str, user: str) -> str:
    """Derive a role's password from the owner's: one secret is enough to set up a database."""
    owner = unquote(urlsplit(owner_url).password or "")
    return hmac.new(owner.encode(), user.encode(), hashlib.sha256).hexdigest()


def read_secrets(data_dir: Path) -> dict[str, str]:
    """Return the secrets made for an embedded instance; empty when there is none."""
    path = data_dir / "secrets.json"
    return json.loads(path.read_text()) if path.exists() else {}


def _without_login(query: str) -> str:
    kept = [part for part in query.split("&") if not part.startswith(("user=", "password="))]
    return "&".join(kept)
