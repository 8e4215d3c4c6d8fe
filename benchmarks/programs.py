"""Processes of our own: servers that answer until told to stop, and jobs that print a result."""

import asyncio
import json
import os
import socket
import sys
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from typing import Any, Final

import httpx2
import psutil

START_TIMEOUT: Final = 60.0
JOB_TIMEOUT: Final = 600.0
PROGRAMS: Final = ("chromium", "postgres", "backend", "dashboard", "edge_agent")
"""Parts of command lines by which processes are told apart."""


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def cpu_seconds(pid: int) -> float:
    """Return the processor time of a process and its children so far."""
    total = 0.0
    for process in (root := psutil.Process(pid), *root.children(recursive=True)):
        try:
            times = process.cpu_times()
        except psutil.NoSuchProcess:
            continue
        total += times.user + times.system
    return total


def cpu_by_program() -> dict[str, float]:
    """Return the processor time so far of what this process started, by kind of program."""
    found: dict[str, float] = {}
    for process in psutil.Process().children(recursive=True):
        try:
            words, times = " ".join(process.cmdline()), process.cpu_times()
        except psutil.NoSuchProcess:
            continue
        kind = next((kind for kind in PROGRAMS if kind in words), "other")
        found[kind] = found.get(kind, 0.0) + times.user + times.system
    return found


@asynccontextmanager
async def serving(
    words: list[str], environment: Mapping[str, str], health: str | None
) -> AsyncGenerator[int]:
    """Run `python -m words` until the block ends; yields its pid once `health` answers 200."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", *words, env={**_basics(), **environment}
    )
    try:
        if health is not None:
            await _until_healthy(process, health)
        yield process.pid
    finally:
        if process.returncode is None:
            process.terminate()
            try:
                await asyncio.wait_for(process.wait(), 10)
            except TimeoutError:
                process.kill()
                await process.wait()


async def run_job(module: str, job: Mapping[str, Any]) -> dict[str, Any]:
    """Run `python -m module` with a job as JSON on its stdin; return the JSON it prints."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        module,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        env=_basics(),
    )
    try:
        text = json.dumps(job, default=str).encode()
        output, _ = await asyncio.wait_for(process.communicate(text), JOB_TIMEOUT)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode != 0:
        raise RuntimeError(f"{module} ended with exit code {process.returncode}")
    return json.loads(output)


def _basics() -> dict[str, str]:
    return {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}


async def _until_healthy(process: asyncio.subprocess.Process, url: str) -> None:
    async with asyncio.timeout(START_TIMEOUT), httpx2.AsyncClient() as http:
        while True:
            if process.returncode is not None:
                raise RuntimeError(f"the server for {url} ended at its start")
            try:
                if (await http.get(url)).status_code == httpx2.codes.OK:
                    return
            except httpx2.HTTPError:
                pass
            await asyncio.sleep(0.1)
