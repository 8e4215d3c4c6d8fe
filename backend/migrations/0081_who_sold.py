"""Runs 0081_who_sold.sql."""

from pathlib import Path

from tortoise import migrations
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    """Facts say who sold, so that a distributor is answered from them."""

    dependencies = [("retail", "0080_forecasts_left_out")]
    operations = [ops.RunSQL(Path(__file__).with_suffix(".sql").read_text())]
