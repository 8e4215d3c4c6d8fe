"""Runs 0072_facts_by_place.sql."""

from pathlib import Path

from tortoise import migrations
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    """Facts are found by location and by area, too."""

    dependencies = [("retail", "0060_forecasts")]
    operations = [ops.RunSQL(Path(__file__).with_suffix(".sql").read_text())]
