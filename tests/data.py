"""The real data sets, which lie beside the repository and are not part of it."""

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


def data_file(name):
    """Return a file of the data folder; skip the test where it is not there."""
    folders = [ROOT / "shared" / "data", ROOT.parent / "shared" / "data"]
    said = os.environ.get("SHELFCAST_TEST_DATA")
    for folder in [Path(said)] if said else folders:
        if (folder / name).exists():
            return folder / name
    pytest.skip(f"no data file {name}; SHELFCAST_TEST_DATA says where the data lie")
