"""A copy of the facts that is asked everything."""

import pytest

from backend.analytics.columns import answering, copying, handing
from backend.infra.columns import Columns


@pytest.fixture
async def columns(database, tmp_path, monkeypatch):
    """A copy that is asked everything, however few facts there are."""
    monkeypatch.setattr(copying, "LEAST", 0)
    monkeypatch.setattr(handing, "copy_read", lambda *_: -1)
    async with Columns(tmp_path / "columns", memory=200) as opened:
        database.columns = opened
        yield opened


@pytest.fixture
def answered(monkeypatch):
    """Collect the sums that a copy hands over; None where it does not."""
    found = []

    def answer(*values, of=answering.answer):
        found.append(of(*values))
        return found[-1]

    monkeypatch.setattr(answering, "answer", answer)
    return found
