"""The part of `shelfcast import` that brings goals."""

import argparse
import tomllib
from pathlib import Path
from typing import Any

import msgspec

from backend.analytics.goals import importing
from backend.analytics.goals.importing import PlanMapping
from backend.analytics.goals.rules import GoalDimension, GoalMeasure
from backend.app import reactions
from backend.core.settings import BackendSettings
from backend.imports.errors import InvalidMapping, UnreadableFile
from backend.programs import command


class _Mapping(msgspec.Struct, forbid_unknown_fields=True):
    columns: dict[str, str] = {}
    dimension: GoalDimension | None = None
    measure: GoalMeasure = GoalMeasure.NET_SALES
    decimal: str = "."


async def import_plan(
    arguments: argparse.Namespace, settings: BackendSettings, url: str
) -> dict[str, Any]:
    """Set the goals of a file and return what became of them, problems by line.

    Raises:
        UnreadableFile: it cannot be read.
        InvalidMapping: a mapping file that makes no sense.
    """
    mapping = read_mapping(arguments.mapping) if arguments.mapping else PlanMapping()
    try:
        content = arguments.file.read_bytes()
    except OSError as exc:
        raise UnreadableFile(f"{arguments.file.name}: {exc}", field=["file"]) from exc
    async with command.open_database(settings, url, reactions()) as database:
        who = await command.principal_of(database, arguments.org, "shelfcast import")
        async with database.work(who) as work:
            found = await importing.import_goals(
                work, content, mapping, all_or_nothing=False, is_dry_run=arguments.dry_run
            )
    return {
        "found": found.found,
        "set": found.changed,
        "same": found.same,
        "rejected": found.found - found.changed - found.same,
        "problems": [
            {
                "line": one.line,
                "column": one.column,
                "value": one.value,
                "code": one.error.code,
                "message": one.error.message,
            }
            for one in found.problems
        ],
        "dryRun": arguments.dry_run,
    }


def read_mapping(path: Path) -> PlanMapping:
    """Read which column is what: TOML with `columns`, `dimension`, `measure` and `decimal`.

    Raises:
        InvalidMapping: not TOML, or something nobody knows.
    """
    try:
        said = msgspec.convert(tomllib.loads(path.read_text(encoding="utf-8")), _Mapping)
    except (OSError, ValueError, msgspec.ValidationError) as exc:
        raise InvalidMapping(f"{path.name}: {exc}", field=["mapping"]) from exc
    if said.decimal not in (".", ","):
        raise InvalidMapping("decimal is '.' or ','", field=["mapping", "decimal"])
    return PlanMapping(said.columns, said.dimension, said.measure, said.decimal == ",")


def lines_of(found: dict[str, Any]) -> list[str]:
    """Return what became of a file as lines for people."""
    verb = "would be set" if found["dryRun"] else "set"
    lines = [
        f"{found['found']:,} goals in the file: {found['set']:,} {verb}, {found['same']:,} the"
        f" same as before, {found['rejected']:,} rejected"
    ]
    lines += [
        f"line {one['line']}, {one['column']}: {one['message']} ({one['code']})"
        for one in found["problems"]
    ]
    return lines
