"""Runs 0057_goals.sql."""

from pathlib import Path

from tortoise import migrations
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    """Goals, their changes, and who hears of them."""

    dependencies = [("retail", "0047_rollups_of_a_part")]
    operations = [ops.RunSQL(Path(__file__).with_suffix(".sql").read_text())]
