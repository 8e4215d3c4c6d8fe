"""Runs 0013_limits_of_sight.sql."""

from pathlib import Path

from tortoise import migrations
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    """What limited principals see and write."""

    dependencies = [("retail", "0012_oauth")]
    operations = [ops.RunSQL(Path(__file__).with_suffix(".sql").read_text())]
