"""Runs 0047_rollups_of_a_part.sql."""

from pathlib import Path

from tortoise import migrations
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    """Roll-ups for who is limited to a part, and how far behind they are."""

    dependencies = [("retail", "0054_pivots")]
    operations = [ops.RunSQL(Path(__file__).with_suffix(".sql").read_text())]
