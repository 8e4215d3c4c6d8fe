"""Configurations that came from the backend, kept beside the agent's own file.

`edge.managed.json` says which one runs, which ran before and what is on trial; it is replaced as
a whole, last, so that a power cut leaves the old state or the new. Each configuration is a file,
`edge.managed.7.toml`, never changed. Removing `edge.managed.json` brings back the own file.
"""

from __future__ import annotations

import json
import logging
import tomllib
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Final

from edge_agent.durable import write_durably
from edge_agent.errors import SettingsInvalid
from edge_agent.rollout import OWN, ConfigurationState, Refusal, Rollout, Said, Trial
from edge_agent.settings import Settings, read_settings, read_toml
from edge_agent.toml_table import is_table

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from edge_agent.clock import Clock

log = logging.getLogger(__name__)

LOCAL: Final[Mapping[str, tuple[str, ...]]] = {
    "log": ("file", "max_bytes", "files"),
    "uplink": (
        "url", "token_url", "client_id", "client_secret", "client_file", "key_file", "proxy",
        "ca_file",
    ),
    "outbox": ("path",),
}  # fmt: skip
"""What a configuration from the backend may not say, by table: it stays as the own file has it."""
MAX_DOCUMENT_BYTES: Final = 256 * 1024


class ManagedConfiguration:
    """The configuration of one agent, its own or the backend's.

    A new one is durable before it is tried. Where the disk takes nothing, no new one is tried;
    what else becomes of one is then known to this process only.
    """

    def __init__(self, file: Path, environ: Mapping[str, str], clock: Clock) -> None:
        self._file = file
        self._environ = environ
        self._clock = clock
        self._record = file.with_name(f"{file.stem}.managed.json")
        self.rollout = _read_record(self._record)

    def start(self) -> Settings:
        """Return what this process runs with; it counts as a start of what is on trial.

        Raises SettingsInvalid for a mistake in the own file.
        """
        own = self._own()
        if self.rollout.trial is not None:
            self._keep(self.rollout.started(self._clock.now()))
        while self.rollout.version != OWN:
            try:
                return self._settings(self.rollout.version)
            except SettingsInvalid as exc:
                log.exception("Configuration %d cannot be used any more", self.rollout.version)
                self._keep(self.rollout.rolled_back(exc.message))
        return own

    def offer(self, version: int, document: str, trial_seconds: int) -> Settings | None:
        """Take a configuration that the backend offers on trial; None where it is not taken.

        One that is of no use is noted as rejected.
        """
        if not self.rollout.wants(version):
            return None
        try:
            settings = self._check(version, document)
        except SettingsInvalid as exc:
            log.warning("The backend's configuration is not taken: %s", exc.message)
            self._keep(self.rollout.rejected(version, exc.message))
            return None
        tried = self.rollout.tried(version, trial_seconds, self._clock.now())
        try:
            if version != OWN:
                write_durably(self._document(version), document.encode("utf-8"))
            self._write(tried)
        except OSError as exc:
            log.warning("Configuration %d cannot be kept, nor tried: %s", version, exc)
            return None
        self.rollout = tried
        log.info("Configuration %d is tried for %d s", version, trial_seconds)
        return settings

    def confirm(self) -> None:
        """Keep what was on trial for good."""
        if self.rollout.trial is not None:
            self._keep(self.rollout.confirmed())
            log.info("Configuration %d is confirmed", self.rollout.version)

    def note_told(self, said: Said | None) -> None:
        """Note that the backend has heard this, which may be what was not taken."""
        if said == self.rollout.says() and (told := self.rollout.told()) != self.rollout:
            self._keep(told)

    @property
    def has_run_out(self) -> bool:
        """Whether what is on trial has not proven itself in time."""
        trial = self.rollout.trial
        return trial is not None and trial.has_run_out(self._clock.now())

    def roll_back(self, error: str) -> Settings:
        """Return what ran before the trial, which runs again from now on."""
        log.error("Configuration %d is rolled back: %s", self.rollout.version, error)
        self._keep(self.rollout.rolled_back(error))
        return self.start()

    def _own(self) -> Settings:
        return read_settings(read_toml(self._file), self._file, self._environ)

    def _settings(self, version: int) -> Settings:
        """Read a configuration that was kept; raises SettingsInvalid."""
        try:
            document = self._document(version).read_text("utf-8")
        except (OSError, UnicodeDecodeError) as exc:
            raise _invalid(version, "file", f"cannot be read: {exc}") from exc
        return self._check(version, document)

    def _check(self, version: int, document: str) -> Settings:
        """Read a configuration as if it stood in the own file; raises SettingsInvalid."""
        if version == OWN:
            return self._own()
        if len(document.encode("utf-8", "replace")) > MAX_DOCUMENT_BYTES:
            raise _invalid(version, "file", f"is larger than {MAX_DOCUMENT_BYTES} bytes")
        try:
            given = tomllib.loads(document)
        except (tomllib.TOMLDecodeError, RecursionError) as exc:
            raise _invalid(version, "file", f"cannot be read: {exc}") from exc
        values = _merge(given, read_toml(self._file), version)
        return read_settings(values, self._file, self._environ, name=_name(version))

    def _document(self, version: int) -> Path:
        return self._file.with_name(f"{self._file.stem}.managed.{version}.toml")

    def _keep(self, rollout: Rollout) -> None:
        self.rollout = rollout
        try:
            self._write(rollout)
        except OSError as exc:
            log.warning("What runs cannot be noted: %s", exc)

    def _write(self, rollout: Rollout) -> None:
        content = json.dumps(asdict(rollout), indent=2) + "\n"
        write_durably(self._record, content.encode("utf-8"))
        kept = {self._document(version) for version in (rollout.version, rollout.previous)}
        for old in self._file.parent.glob(f"{self._file.stem}.managed.*.toml"):
            if old not in kept:
                old.unlink(missing_ok=True)


def _merge(given: dict[str, Any], own: dict[str, Any], version: int) -> dict[str, Any]:
    """Return what the backend gives with what stays the agent's own; raises SettingsInvalid.

    Without devices it suits many shops: each agent keeps those of its own file.
    """
    merged = {"devices": own.get("devices", []), **given}
    for table, keys in LOCAL.items():
        theirs, ours = given.get(table, {}), own.get(table, {})
        if not is_table(theirs) or not is_table(ours):
            continue  # the reader names it
        for key in keys:
            if key in theirs:
                reason = "stays as the agent's own file has it"
                raise _invalid(version, f"{table}.{key}", reason)
        merged[table] = {**theirs, **{key: ours[key] for key in keys if key in ours}}
    return merged


def _name(version: int) -> str:
    return f"configuration {version}"


def _invalid(version: int, key: str, reason: str) -> SettingsInvalid:
    return SettingsInvalid(_name(version), key, None, reason)


def _read_record(path: Path) -> Rollout:
    """Read what runs; a record that makes no sense counts as none, and is said."""
    try:
        values = json.loads(path.read_text("utf-8"))
        trial, refusal = values["trial"], values["refusal"]
        if refusal is not None:
            refusal["state"] = ConfigurationState(refusal["state"])
        return Rollout(
            int(values["version"]),
            int(values["previous"]),
            Trial(**trial) if trial is not None else None,
            Refusal(**refusal) if refusal is not None else None,
        )
    except FileNotFoundError:
        return Rollout()
    except (OSError, ValueError, KeyError, TypeError) as exc:
        log.error("%s cannot be read, the agent's own file is used: %s", path, exc)  # noqa: TRY400
        return Rollout()
