"""Runs 0060_forecasts.sql."""

from pathlib import Path

from tortoise import migrations
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    """Models, runs, forecasts and what they missed."""

    dependencies = [("retail", "0051_reports_kept")]
    operations = [ops.RunSQL(Path(__file__).with_suffix(".sql").read_text())]
