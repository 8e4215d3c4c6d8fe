"""Runs 0040_rollups.sql."""

from pathlib import Path

from tortoise import migrations
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    """Roll-ups of what was sold."""

    dependencies = [("retail", "0031_rollouts")]
    operations = [ops.RunSQL(Path(__file__).with_suffix(".sql").read_text())]
