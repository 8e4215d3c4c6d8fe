"""Runs 0030_fleet.sql."""

from pathlib import Path

from tortoise import migrations
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    """The agents in the shops."""

    dependencies = [("retail", "0026_pieces")]
    operations = [ops.RunSQL(Path(__file__).with_suffix(".sql").read_text())]
