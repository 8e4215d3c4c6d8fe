"""Runs 0059_logos.sql."""

from pathlib import Path

from tortoise import migrations
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    """The organisation's own logo."""

    dependencies = [("retail", "0058_boards_and_backlog")]
    operations = [ops.RunSQL(Path(__file__).with_suffix(".sql").read_text())]
