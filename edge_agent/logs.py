"""Where the log goes: standard error, or files that never take more than they may."""

from __future__ import annotations

import logging
from logging.handlers import RotatingFileHandler
from typing import TYPE_CHECKING

from edge_agent.errors import SettingsInvalid

if TYPE_CHECKING:
    from edge_agent.settings import LogFile, Settings

_FORMAT = "%(asctime)s %(levelname)s %(name)s %(message)s"


def set_up(settings: Settings) -> None:
    """Send the log where the settings say; raises SettingsInvalid where that cannot be written."""
    handlers = [_file_handler(settings.log_file)] if settings.log_file else None
    logging.basicConfig(level=settings.log_level, format=_FORMAT, handlers=handlers)
    # These log every byte they see, codes and tokens among them.
    for name in ("serialx", "httpx2", "httpcore2", "hpack", "h2"):
        logging.getLogger(name).setLevel(logging.WARNING)


def _file_handler(log_file: LogFile) -> logging.Handler:
    try:
        log_file.path.parent.mkdir(parents=True, exist_ok=True)
        return RotatingFileHandler(
            log_file.path,
            maxBytes=log_file.max_bytes,
            backupCount=log_file.files - 1,
            encoding="utf-8",
        )
    except OSError as exc:
        reason = f"cannot be written: {exc}"
        raise SettingsInvalid("log", "log.file", str(log_file.path), reason) from exc
