"""Runs 0007_sales.sql."""

from pathlib import Path

from tortoise import migrations
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    """Sales."""

    dependencies = [("retail", "0006_customers")]
    operations = [ops.RunSQL(Path(__file__).with_suffix(".sql").read_text())]
