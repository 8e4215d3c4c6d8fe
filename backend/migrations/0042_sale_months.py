"""Runs 0042_sale_months.sql."""

from pathlib import Path

from tortoise import migrations
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    """Lines of sales by month."""

    dependencies = [("retail", "0055_boards")]
    operations = [ops.RunSQL(Path(__file__).with_suffix(".sql").read_text())]
