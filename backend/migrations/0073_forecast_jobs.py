"""Runs 0073_forecast_jobs.sql."""

from pathlib import Path

from tortoise import migrations
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    """Models of an unfinished day, and how forecasting fares."""

    dependencies = [("retail", "0067_shelves")]
    operations = [ops.RunSQL(Path(__file__).with_suffix(".sql").read_text())]
