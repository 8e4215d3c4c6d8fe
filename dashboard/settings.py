"""Settings of the dashboard, read once in `__main__`."""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import urlsplit

from pydantic import Field, HttpUrl, SecretStr, TypeAdapter, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})

_URL = TypeAdapter(HttpUrl)


def _default_data_dir() -> Path:
    """Return where an instance lies when nobody says otherwise (XDG Base Directory)."""
    base = os.environ.get("XDG_DATA_HOME") or str(Path.home() / ".local" / "share")
    return Path(base) / "shelfcast"


class DashboardSettings(BaseSettings):
    """What the dashboard needs to know before it starts."""

    model_config = SettingsConfigDict(
        env_prefix="SHELFCAST_",
        frozen=True,
        extra="ignore",
        env_ignore_empty=True,
        use_attribute_docstrings=True,
    )

    data_dir: Path = Field(default_factory=_default_data_dir)
    """Folder of the instance; `clients/dashboard.json` in it holds the credentials `up` made."""

    dashboard_host: str = "127.0.0.1"
    """Address to listen on."""

    dashboard_port: int = Field(default=8050, ge=0, le=65535)
    """Port to listen on."""

    dashboard_url: str = "http://localhost:8050"
    """Address people open. The backend leads back to it after signing in; HTTPS unless loopback."""

    backend_url: str = "http://127.0.0.1:8000"
    """Where this server reaches the backend."""

    public_url: str | None = None
    """Where browsers reach the backend; None: the host name of the page, the backend's port."""

    dashboard_client_id: str | None = None
    """OAuth client of the dashboard; None: read from the data folder."""

    dashboard_client_secret: SecretStr | None = None
    """Secret of that client."""

    tile_url: str | None = None
    """Template of map tiles, as in `https://tiles.example/{z}/{x}/{y}.png`; None: offline map."""

    tile_attribution: str = ""
    """Credit the tiles ask for."""

    log_level: str = "info"
    """Least serious level that is logged."""

    @field_validator("dashboard_url", "backend_url", "public_url")
    @classmethod
    def _without_trailing_slash(cls, value: str | None) -> str | None:
        if value is not None:
            _URL.validate_python(value)
        return value.rstrip("/") if value else value

    @field_validator("dashboard_url")
    @classmethod
    def _is_safe_for_cookies(cls, value: str) -> str:
        parts = urlsplit(value)
        if parts.scheme != "https" and parts.hostname not in LOOPBACK:
            raise ValueError("people sign in there: plain HTTP is for this machine only")
        return value

    @property
    def backend_port(self) -> int:
        """Return the port of `backend_url`, also where the address leaves it out."""
        parts = urlsplit(self.backend_url)
        return parts.port or (443 if parts.scheme == "https" else 80)

    @property
    def host_names(self) -> frozenset[str]:
        """Return the host names under which a page may ask for tickets and changes."""
        names = {*LOOPBACK, self.dashboard_host}
        names.add(urlsplit(self.dashboard_url).hostname or "localhost")
        return frozenset(names - {"0.0.0.0", "::"})
