"""Runs 0041_business_years.sql."""

from pathlib import Path

from tortoise import migrations
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    """Business years of weeks."""

    dependencies = [("retail", "0040_rollups")]
    operations = [ops.RunSQL(Path(__file__).with_suffix(".sql").read_text())]
