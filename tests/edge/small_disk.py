"""A disk that can really be full: an ext4 of a few megabytes in a file, where we may mount one."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess

import pytest


class SmallDisk:
    """A mounted file system; `fill` takes its last byte, `free` gives all back."""

    def __init__(self, folder):
        self.folder = folder
        self._filler = folder / "filler"

    def fill(self):
        with self._filler.open("ab", buffering=0) as file:
            for size in (1 << 20, 1 << 12, 1):
                with contextlib.suppress(OSError):
                    while True:
                        file.write(b"x" * size)

    def free(self):
        self._filler.unlink()


@contextlib.contextmanager
def mounted(folder, megabytes):
    """Mount an empty disk at a new folder; skips the test where that is not allowed."""
    image, at = folder / "disk.img", folder / "disk"
    at.mkdir()
    with image.open("wb") as file:
        file.truncate(megabytes << 20)
    if os.geteuid() or not all(map(shutil.which, ("mkfs.ext4", "mount", "umount"))):
        pytest.skip("mounting needs root, mkfs.ext4 and mount")
    _run("mkfs.ext4", "-q", "-m", "0", str(image))
    if _run("mount", "-o", "loop", str(image), str(at), check=False):
        pytest.skip("mounting is not allowed here")
    try:
        yield SmallDisk(at)
    finally:
        _run("umount", "--lazy", str(at))


def _run(*command, check=True):
    return subprocess.run(command, check=check, capture_output=True, timeout=30).returncode
