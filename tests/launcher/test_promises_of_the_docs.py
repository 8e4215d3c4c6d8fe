import re
import tomllib
from pathlib import Path

import pytest

from backend.core.settings import BackendSettings
from dashboard.settings import DashboardSettings
from edge_agent.uplink_settings import ENV_PREFIX as EDGE_PREFIX
from shelfcast.__main__ import COMMANDS, usage

ROOT = Path(__file__).parents[2]


def documented_settings():
    return set(re.findall(r"^#?([A-Z_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE))


@pytest.mark.parametrize("settings", [BackendSettings, DashboardSettings])
def test_every_setting_of_a_program_is_in_the_example(settings):
    prefix = settings.model_config["env_prefix"]

    names = {f"{prefix}{name}".upper() for name in settings.model_fields}

    assert names <= documented_settings()


def test_every_variable_of_the_composition_is_in_the_example():
    composition = (ROOT / "docker-compose.yml").read_text()

    assert set(re.findall(r"\$\{([A-Z_]+)", composition)) <= documented_settings()


def test_the_example_names_nothing_that_no_program_reads():
    known = set(re.findall(r"\$\{([A-Z_]+)", (ROOT / "docker-compose.yml").read_text()))
    known |= {f"{EDGE_PREFIX}{name}" for name in ("CLIENT_ID", "CLIENT_SECRET", "KEY_FILE")}
    known |= {f"SHELFCAST_ORGANISATION_{name}" for name in ("NAME", "CURRENCY", "TIMEZONE")}
    for source in (ROOT / "backend" / "programs").glob("*.py"):
        known |= set(re.findall(r"SHELFCAST_[A-Z_]+", source.read_text()))
    for settings in (BackendSettings, DashboardSettings):
        known |= {f"SHELFCAST_{name}".upper() for name in settings.model_fields}

    assert documented_settings() <= known


def test_every_dependency_is_explained():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    groups = [*project["project"]["optional-dependencies"].values()]
    groups += project["dependency-groups"].values()
    lines = [line for group in groups for line in group if isinstance(line, str)]

    names = {re.split(r"[\[>=<]", line)[0] for line in lines} - {"shelfcast"}

    page = (ROOT / "docs" / "dependencies.md").read_text()
    assert {name for name in names if not re.search(rf"^\| {name}\b", page, re.MULTILINE)} == set()


def test_every_locked_file_has_hashes_and_no_addresses():
    for lock in (ROOT / "requirements").glob("*.txt"):
        text = lock.read_text()
        assert "--hash=sha256:" in text
        assert "://" not in text


def test_the_help_lists_every_command_with_one_line():
    text = usage()

    for name, command in COMMANDS.items():
        assert re.search(rf"^  {name} +{re.escape(command.summary)}$", text, re.MULTILINE)


def test_local_links_of_the_root_pages_lead_somewhere():
    pages = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]

    broken = [
        f"{page.name}: {target}"
        for page in pages
        for target in re.findall(r"\]\((?!https?:|#)([^)#]+)", page.read_text())
        if not (page.parent / target).exists()
    ]

    assert broken == []
