"""Runs 0031_rollouts.sql."""

from pathlib import Path

from tortoise import migrations
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    """Configurations of agents, and how they are rolled out."""

    dependencies = [("retail", "0030_fleet")]
    operations = [ops.RunSQL(Path(__file__).with_suffix(".sql").read_text())]
