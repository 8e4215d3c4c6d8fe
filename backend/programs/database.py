"""The embedded PostgreSQL: serve it in the foreground, stop it, look inside, back it up."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from pathlib import Path
from typing import BinaryIO

from backend.core.settings import default_data_dir
from backend.infra import embedded


def main(argv: list[str]) -> int:
    """Run one verb on the embedded PostgreSQL of a data folder."""
    arguments = _parser().parse_args(argv)
    try:
        return _run(arguments)
    except (embedded.EmbeddedError, FileExistsError) as exc:
        print(f"shelfcast database: {exc}", file=sys.stderr)
        return 1


def _parser() -> argparse.ArgumentParser:
    folder = os.environ.get("SHELFCAST_DATA_DIR") or default_data_dir()
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument(
        "--data-dir",
        type=Path,
        default=Path(folder),
        help="the installation's folder (%(default)s)",
    )
    parser = argparse.ArgumentParser(prog="shelfcast database", description=__doc__)
    verbs = parser.add_subparsers(dest="verb", required=True)
    serve = verbs.add_parser("serve", parents=[common], help="run it in the foreground")
    serve.add_argument("--replace", action="store_true", help="stop a server left behind first")
    serve.add_argument(
        "--not-durable",
        action="store_true",
        help="for tests: fast, but a crash may lose everything",
    )
    verbs.add_parser("stop", parents=[common], help="stop it, whoever started it")
    verbs.add_parser("status", parents=[common], help="say whether it runs (exit code 0 or 3)")
    verbs.add_parser("url", parents=[common], help="print the owner's URL, password included")
    verbs.add_parser("psql", parents=[common], help="open a prompt as the owner")
    backup = verbs.add_parser("backup", parents=[common], help="write a pg_dump archive")
    backup.add_argument("file", type=Path, help="the archive; must not exist yet")
    restore = verbs.add_parser(
        "restore", parents=[common], help="load an archive, replacing all data"
    )
    restore.add_argument("file", type=Path, help="an archive made by `backup`")
    return parser


def _run(arguments: argparse.Namespace) -> int:
    data_dir: Path = arguments.data_dir.absolute()
    match arguments.verb:
        case "serve":
            durable = not arguments.not_durable
            embedded.serve(data_dir, durable=durable, replace=arguments.replace)
        case "stop":
            print("stopped" if embedded.stop(data_dir) else "it was not running")
        case "status":
            return _status(data_dir)
        case "url":
            print(embedded.owner_url(data_dir))
        case "psql":
            return _client(data_dir, "psql")
        case "backup":
            return _backup(data_dir, arguments.file)
        case "restore":
            return _restore(data_dir, arguments.file)
    return 0


def _status(data_dir: Path) -> int:
    pid = embedded.running_pid(data_dir)
    print(f"running, process {pid}" if pid else "not running")
    return 0 if pid else 3


def _backup(data_dir: Path, file: Path) -> int:
    # Created by us with its mode before any data is in it: it holds everything.
    handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as output:
        code = _client(data_dir, "pg_dump", "--format=custom", output=output)
    if code != 0:
        file.unlink()
    return code


def _restore(data_dir: Path, file: Path) -> int:
    options = ["--clean", "--if-exists", "--single-transaction", "--exit-on-error"]
    with embedded.using(data_dir):
        code = _client(data_dir, "pg_restore", *options, f"--dbname={embedded.DATABASE}", str(file))
        # Cursors of the history that was replaced must not fit the restored one.
        new_epoch = "update feed_epoch set epoch = substr(md5(random()::text), 1, 10)"
        return code or _client(data_dir, "psql", "--quiet", "--command", new_epoch)


def _client(data_dir: Path, name: str, *words: str, output: BinaryIO | None = None) -> int:
    with embedded.using(data_dir):
        login = {
            "PGHOST": str(embedded.socket_folder(data_dir)),
            "PGUSER": embedded.OWNER,
            "PGDATABASE": embedded.DATABASE,
            # Not in the command line, which every user of the machine can read.
            "PGPASSWORD": embedded.ensure_secrets(data_dir).owner_password,
        }
        command = [str(embedded.client_program(name)), *words]
        return subprocess.run(
            command, stdout=output, env=os.environ | login, check=False
        ).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
