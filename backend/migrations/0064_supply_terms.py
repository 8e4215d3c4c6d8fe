"""Runs 0064_supply_terms.sql."""

from pathlib import Path

from tortoise import migrations
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    """How goods are supplied."""

    dependencies = [("retail", "0060_forecasts")]
    operations = [ops.RunSQL(Path(__file__).with_suffix(".sql").read_text())]
