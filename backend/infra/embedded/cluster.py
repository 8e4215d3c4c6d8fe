"""The cluster on disk: where it lies, how it is created and how it is reached."""

from __future__ import annotations

import fcntl
import os
import shutil
import stat
import subprocess
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from backend.infra.embedded import account as accounts
from backend.infra.embedded.errors import DatabaseBroken
from backend.infra.embedded.secrets import ensure_secrets

if TYPE_CHECKING:
    from collections.abc import Iterator

    from backend.infra.embedded.account import Account

OWNER = "shelfcast_owner"
DATABASE = "shelfcast"
INITDB_TIMEOUT_S = 300

SOCKET_NAME = ".s.PGSQL.5432"
SOCKET_PATH_LIMIT = 103
"""Bytes of the longest socket path that macOS accepts; Linux allows four more."""

# Modest on purpose: it shares the machine with the programs. ALTER SYSTEM overrides each line.
CONFIGURATION = """\
max_connections = 100
shared_buffers = 256MB
effective_cache_size = 1GB
work_mem = 16MB
maintenance_work_mem = 128MB
max_locks_per_transaction = 256
random_page_cost = 1.1
jit = off
min_wal_size = 256MB
max_wal_size = 2GB
timezone = 'UTC'
log_timezone = 'UTC'
log_line_prefix = '%m [%p] %a '
log_checkpoints = off
log_min_duration_statement = 2s
"""


def cluster_folder(data_dir: Path) -> Path:
    """Return where the cluster lies, past the link made where the folder cannot hold it."""
    return (data_dir / "postgres").resolve()


def socket_folder(data_dir: Path) -> Path:
    """Return the folder of the socket, past the link made where its path was too long."""
    return (data_dir / "run").resolve()


def owner_url(data_dir: Path) -> str:
    """Return the URL of the database as its owner."""
    password = ensure_secrets(data_dir).owner_password
    folder = quote(str(socket_folder(data_dir)))
    return f"postgresql://{OWNER}:{quote(password)}@/{DATABASE}?host={folder}"


def ensure_cluster(data_dir: Path, *, durable: bool = True) -> Account:
    """Create the data folder, the cluster and its database where they are missing.

    Args:
        data_dir: the installation's folder.
        durable: flush the new files to disk; a test need not wait for that.

    Returns:
        The account the server must run as.

    Raises:
        DatabaseBroken: initdb failed, or the cluster belongs to another major version.
    """
    account = accounts.current_account()
    # Root's system user has to walk through; every secret inside has a mode of its own.
    data_dir.mkdir(mode=0o711 if account.switch else 0o700, parents=True, exist_ok=True)
    ensure_secrets(data_dir)
    with _one_at_a_time(data_dir):
        if not cluster_folder(data_dir).exists():
            _create_cluster(data_dir, account, durable=durable)
        _check_version(cluster_folder(data_dir))
        _ensure_socket_folder(data_dir, account)
        _write_configuration(cluster_folder(data_dir), account)
    return account


def remove_cluster(data_dir: Path) -> None:
    """Delete the cluster and its socket folder, wherever they lie; the server must be down."""
    for name in ("postgres", "run"):
        link = data_dir / name
        shutil.rmtree(link.resolve(), ignore_errors=True)
        if link.is_symlink():
            home = link.readlink().parent
            link.unlink()
            if home.parent == accounts.SHARED_ROOT and not any(home.iterdir()):
                home.rmdir()


@contextmanager
def _one_at_a_time(data_dir: Path) -> Iterator[None]:
    with (data_dir / ".cluster.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _create_cluster(data_dir: Path, account: Account, *, durable: bool) -> None:
    home = _home(data_dir, account)
    partial = Path(tempfile.mkdtemp(dir=home, prefix=".postgres-"))
    try:
        account.own(partial)
        _run_initdb(partial, account, ensure_secrets(data_dir).owner_password, durable=durable)
        _create_database(partial, account)
        partial.rename(home / "postgres")
    except BaseException:
        shutil.rmtree(partial, ignore_errors=True)
        raise
    if home != data_dir:
        _link(data_dir / "postgres", home / "postgres")


def _home(data_dir: Path, account: Account) -> Path:
    """Return the folder the cluster goes into: elsewhere when its account cannot enter ours."""
    if account.can_enter(data_dir):
        return data_dir
    accounts.SHARED_ROOT.mkdir(mode=0o711, parents=True, exist_ok=True)
    home = Path(tempfile.mkdtemp(dir=accounts.SHARED_ROOT, prefix="cluster-"))
    home.chmod(0o711)
    return home


def _run_initdb(folder: Path, account: Account, password: str, *, durable: bool) -> None:
    # The builtin provider sorts and folds case the same on every system and never needs a reindex.
    command = [accounts.program("initdb", account), "--pgdata", folder, "--username", OWNER]
    command += ["--auth=scram-sha-256", "--encoding=UTF8", "--locale=C"]
    command += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--data-checksums"]
    if not durable:
        command.append("--no-sync")
    with tempfile.NamedTemporaryFile("w", prefix="shelfcast-") as password_file:
        password_file.write(password)
        password_file.flush()
        account.own(Path(password_file.name))
        _run([*map(str, command), f"--pwfile={password_file.name}"], account)
    with (folder / "postgresql.conf").open("a") as file:
        file.write("\ninclude_if_exists = 'shelfcast.conf'\n")


def _create_database(folder: Path, account: Account) -> None:
    command = [
        str(accounts.program("postgres", account)),
        "--single",
        "-D",
        str(folder),
        "postgres",
    ]
    _run(command, account, text=f"create database {DATABASE}\n")


def _run(command: list[str], account: Account, text: str = "") -> None:
    done = subprocess.run(
        command,
        input=text,
        capture_output=True,
        text=True,
        check=False,
        cwd="/",
        env=clean_environment(),
        timeout=INITDB_TIMEOUT_S,
        **account.identity(),
    )
    if done.returncode != 0 or "FATAL" in done.stderr or "ERROR" in done.stderr:
        words = "\n".join((done.stdout + done.stderr).strip().splitlines()[-8:])
        raise DatabaseBroken(f"{Path(command[0]).name} failed: {words}")


def clean_environment() -> dict[str, str]:
    """Return our environment without what would steer PostgreSQL from outside."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("PG", "LC_"))}
    return kept | {"LC_ALL": "C", "TZ": "UTC"}


def _check_version(folder: Path) -> None:
    found = (folder / "PG_VERSION").read_text().strip()
    if found != str(accounts.MAJOR_VERSION):
        raise DatabaseBroken(
            f"the cluster in {folder} was made by PostgreSQL {found}, the installed one is "
            f"{accounts.MAJOR_VERSION}: docs/operations.md says how to upgrade"
        )


def _ensure_socket_folder(data_dir: Path, account: Account) -> None:
    link = data_dir / "run"
    if link.is_symlink() and not _is_private(link.resolve(), account):
        link.unlink()  # the temp folder was cleaned, or somebody else's folder took its name
    if link.exists():
        return
    home = cluster_folder(data_dir).parent
    if len(os.fsencode(home / "run" / SOCKET_NAME)) <= SOCKET_PATH_LIMIT:
        folder = home / "run"
        folder.mkdir(mode=0o700, exist_ok=True)
    else:
        folder = Path(tempfile.mkdtemp(prefix="shelfcast-"))
    account.own(folder)
    if folder != link:
        _link(link, folder)


def _is_private(folder: Path, account: Account) -> bool:
    if not folder.is_dir():
        return False
    status = folder.stat()
    return status.st_uid == account.uid and stat.S_IMODE(status.st_mode) == stat.S_IRWXU


def _link(link: Path, target: Path) -> None:
    link.unlink(missing_ok=True)
    link.symlink_to(target)


def _write_configuration(folder: Path, account: Account) -> None:
    path = folder / "shelfcast.conf"
    if path.exists() and path.read_text() == CONFIGURATION:
        return
    path.write_text(CONFIGURATION)
    account.own(path)
