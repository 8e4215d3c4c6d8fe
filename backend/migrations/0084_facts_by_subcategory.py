"""Runs 0084_facts_by_subcategory.sql."""

from pathlib import Path

from tortoise import migrations
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    """Indexes of facts by location and by area hold the subcategory, too."""

    dependencies = [("retail", "0083_forecast_pools")]
    operations = [ops.RunSQL(Path(__file__).with_suffix(".sql").read_text())]
