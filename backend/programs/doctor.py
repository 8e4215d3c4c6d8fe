"""Says in plain words what is wrong with an installation and how to mend it."""

import asyncio
import json
import sys
from dataclasses import asdict

from backend.core.errors import ShelfcastError
from backend.core.settings import BackendSettings
from backend.programs import checks, command
from backend.programs.checks import Finding, Verdict

_SIGNS = {Verdict.OK: "ok     ", Verdict.WARNING: "WARNING", Verdict.BROKEN: "BROKEN "}


def main(argv: list[str]) -> int:
    """Check everything; return 1 when something is broken."""
    parser = command.parser("doctor", "Check every connection and setting.")
    parser.add_argument("--json", action="store_true", help="print JSON")
    arguments = parser.parse_args(argv)
    return command.run(
        "doctor", lambda: _examine(command.settings_of(arguments), as_json=arguments.json)
    )


def _examine(settings: BackendSettings, *, as_json: bool) -> int:
    findings = examine(settings)
    is_broken = any(finding.verdict is Verdict.BROKEN for finding in findings)
    if as_json:
        content = {"ok": not is_broken, "findings": [asdict(finding) for finding in findings]}
        print(json.dumps(content, indent=2))
    else:
        print("\n".join(map(_lines, findings)))
    return 1 if is_broken else 0


def examine(settings: BackendSettings) -> list[Finding]:
    """Run all checks, the harmless ones first."""
    findings = checks.check_folder(settings.data_dir)
    if settings.database_url is None:
        findings.append(checks.check_cluster(settings.data_dir))
    findings.append(checks.check_port(settings))
    findings.append(asyncio.run(checks.check_redis(settings)))
    if settings.database_url is None and findings[0].subject == "data folder":
        return findings  # nothing there yet, or nothing we may touch
    try:
        with command.owner_url(settings) as url:
            findings += asyncio.run(checks.check_database(settings, url))
    except ShelfcastError as exc:
        log = settings.data_dir / "logs" / "postgres.log"
        findings.append(checks.broken("database", exc.message, f"read {log}"))
    return findings


def _lines(finding: Finding) -> str:
    line = f"{_SIGNS[finding.verdict]}  {finding.subject}: {finding.words}"
    return line if finding.remedy is None else f"{line}\n         -> {finding.remedy}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
