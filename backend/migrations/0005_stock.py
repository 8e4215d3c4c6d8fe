"""Runs 0005_stock.sql."""

from pathlib import Path

from tortoise import migrations
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    """Stock."""

    dependencies = [("retail", "0004_locations")]
    operations = [ops.RunSQL(Path(__file__).with_suffix(".sql").read_text())]
