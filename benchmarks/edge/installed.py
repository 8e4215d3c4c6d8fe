"""How large `pip install .[edge]` makes a clean environment, and how long its import takes."""

import asyncio
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_ROOT: Final = Path(__file__).parents[2]
_TIMEOUT_S: Final = 300.0
_MB: Final = 1_000_000
# What a fresh process pays, beyond the interpreter itself.
_IMPORT: Final = """
import time; began = time.perf_counter()
import edge_agent.agent, edge_agent.drivers.serial
print(time.perf_counter() - began)
"""
_RUNS: Final = 5


@dataclass(frozen=True)
class Installed:
    """Megabytes without pip itself, packages beside ours, seconds."""

    megabytes: float
    packages: int
    import_s: float


async def measure(folder: Path) -> Installed:
    """Install from the registry that pip is set up for; raises RuntimeError where that fails."""
    python = folder / "venv" / "bin" / "python"
    await _run(sys.executable, "-m", "venv", str(folder / "venv"))
    site = next((folder / "venv" / "lib").glob("python*/site-packages"))
    before = _size(site)
    packages = len(list(site.glob("*.dist-info")))
    await _run(str(python), "-m", "pip", "install", "--quiet", "--no-compile", f"{_ROOT}[edge]")
    size = _size(site) - before
    added = len(list(site.glob("*.dist-info"))) - packages - 1
    # The first run writes the byte code, as the first start in a shop does.
    times = [float(await _run(str(python), "-c", _IMPORT)) for _ in range(1 + _RUNS)]
    return Installed(size / _MB, added, min(times[1:]))


def _size(folder: Path) -> int:
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())


async def _run(*command: str) -> str:
    process = await asyncio.create_subprocess_exec(
        *command, stdout=asyncio.subprocess.PIPE, cwd="/"
    )
    output, _ = await asyncio.wait_for(process.communicate(), _TIMEOUT_S)
    if process.returncode:
        raise RuntimeError(f"{' '.join(command[:4])} ended with exit code {process.returncode}")
    return output.decode()
