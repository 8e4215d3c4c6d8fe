"""Runs 0083_forecast_pools.sql."""

from pathlib import Path

from tortoise import migrations
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    """What a forecast took from all series is kept for questions about one of them."""

    dependencies = [("retail", "0082_products_it_sold")]
    operations = [ops.RunSQL(Path(__file__).with_suffix(".sql").read_text())]
