"""Runs 0074_three_filters.sql."""

from pathlib import Path

from tortoise import migrations
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    """Sums by three columns, and facts in the order in which filters choose."""

    dependencies = [("retail", "0073_forecast_jobs")]
    operations = [ops.RunSQL(Path(__file__).with_suffix(".sql").read_text())]
