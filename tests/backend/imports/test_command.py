import asyncio
import json
import os
import sys

from tests.backend.imports.runs import INVOICE, invoice_line, write_csv
from tests.conftest import SECRET_KEY


async def test_the_command_prints_what_became_of_the_file(owner_url, org_id, tmp_path):
    file = write_csv(
        tmp_path / "a.csv", INVOICE, invoice_line("1"), invoice_line("2", Quantity="?")
    )

    code, output, _ = await run(owner_url, tmp_path, str(file), "--json")
    again, text, _ = await run(owner_url, tmp_path, str(file))

    assert (code, again) == (0, 0)
    said = json.loads(output)
    assert (said["rows"], said["sales"], said["rejected"]) == (2, 1, 1)
    assert said["reasons"] == {"INVALID_QUANTITY": 1}
    assert (tmp_path / "a.csv.rejects.csv").read_text().splitlines() == [
        "line,column,value,reason",
        "3,Quantity,?,INVALID_QUANTITY",
    ]
    assert "orders imported before" in text


async def test_what_is_wrong_with_a_file_is_said_in_one_line(owner_url, org_id, tmp_path):
    (tmp_path / "b.csv").write_text("shoe,size\n1,2\n")

    code, output, errors = await run(owner_url, tmp_path, str(tmp_path / "b.csv"))
    absent, _, _ = await run(owner_url, tmp_path, str(tmp_path / "c.csv"))

    assert (code, absent, output) == (1, 1, "")
    assert errors.startswith("shelfcast import: nobody knows these columns: shoe, size")
    assert len(errors.splitlines()) == 1


async def run(owner_url, folder, *words):
    """Run the command in a folder; return its exit code and what it wrote."""
    environment = os.environ | {
        "SHELFCAST_DATABASE_URL": owner_url,
        "SHELFCAST_SECRET_KEY": SECRET_KEY,
        "SHELFCAST_DATA_DIR": str(folder),
        "PYTHONPATH": os.getcwd(),  # noqa: PTH109
    }
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "backend.programs.imports", *words,
        cwd=folder, env=environment, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    output, errors = await process.communicate()
    return process.returncode, output.decode(), errors.decode()
