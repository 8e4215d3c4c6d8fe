"""Runs 0058_boards_and_backlog.sql."""

from pathlib import Path

from tortoise import migrations
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    """Comments on single blocks of boards, and what the worker has left to do."""

    dependencies = [("retail", "0067_shelves")]
    operations = [ops.RunSQL(Path(__file__).with_suffix(".sql").read_text())]
