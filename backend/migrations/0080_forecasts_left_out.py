"""Runs 0080_forecasts_left_out.sql."""

from pathlib import Path

from tortoise import migrations
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    """How many series did not fit into a model or a run."""

    dependencies = [("retail", "0073_forecast_jobs")]
    operations = [ops.RunSQL(Path(__file__).with_suffix(".sql").read_text())]
