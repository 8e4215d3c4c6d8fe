import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = {"shelfcast", "backend", "dashboard", "edge_agent"}
SECRETS = {
    "POSTGRES_PASSWORD": "x",
    "SHELFCAST_SECRET_KEY": "x",
    "SHELFCAST_PUBLIC_URL": "http://localhost:8080",
}


def locked(name):
    text = (ROOT / "requirements" / f"{name}.txt").read_text()
    return set(re.findall(r"^([a-z0-9.-]+)(?:\[[a-z0-9,-]+\])?==", text, re.MULTILINE))


def test_the_wheel_holds_exactly_our_packages(tmp_path):
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)

    (wheel,) = tmp_path.glob("*.whl")
    names = zipfile.ZipFile(wheel).namelist()

    assert {name.split("/")[0] for name in names if ".dist-info/" not in name} == PACKAGES
    assert any(name.startswith("backend/migrations/") and name.endswith(".sql") for name in names)


def test_an_edge_device_gets_neither_the_dashboard_nor_the_server():
    heavy = {"dash", "plotly", "strawberry-graphql", "starlette", "tortoise-orm", "pydantic"}

    assert locked("edge") & heavy == set()
    assert len(locked("edge")) < 20


def test_every_smaller_lock_is_a_part_of_the_widest():
    for name in ("backend", "dashboard", "edge", "all", "build"):
        assert locked(name) <= locked("dev")


def test_the_tables_of_every_domain_are_protected():
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]

    protected = {
        name for each in contracts["contracts"] for name in each.get("protected_modules", [])
    }

    domains = {path.parent.name for path in (ROOT / "backend").glob("*/models*")}
    assert {f"backend.{domain}.models" for domain in domains} <= protected


@pytest.fixture
def compose():
    if shutil.which("docker") is None:
        pytest.skip("docker is not installed")
    if subprocess.run(["docker", "compose", "version"], capture_output=True).returncode:
        pytest.skip("docker has no compose plugin")

    def run(environment):
        words = ["docker", "compose", "--env-file", "/dev/null", "--profile", "edge", "config"]
        path = {"PATH": "/usr/local/bin:/usr/bin:/bin"}
        return subprocess.run(
            [*words, "--quiet"], cwd=ROOT, env=path | environment, capture_output=True, text=True
        )

    return run


def test_the_composition_is_accepted_with_its_secrets(compose):
    assert compose(SECRETS).returncode == 0


@pytest.mark.parametrize("missing", SECRETS)
def test_the_composition_starts_nothing_without_a_secret(compose, missing):
    refused = compose({name: value for name, value in SECRETS.items() if name != missing})

    assert refused.returncode != 0
    assert missing in refused.stderr


def test_only_the_proxy_is_reachable_from_outside_and_on_loopback_unless_told():
    text = (ROOT / "docker-compose.yml").read_text()

    assert re.findall(r"ports: .*", text) == [
        'ports: ["${SHELFCAST_BIND:-127.0.0.1}:${SHELFCAST_PROXY_PORT:-8080}:8080"]'
    ]
