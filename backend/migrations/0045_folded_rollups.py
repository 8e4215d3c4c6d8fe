"""Runs 0045_folded_rollups.sql."""

from pathlib import Path

from tortoise import migrations
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    """Roll-ups whose grains are folded one by one."""

    dependencies = [("retail", "0050_reports")]
    operations = [ops.RunSQL(Path(__file__).with_suffix(".sql").read_text())]
