"""Runs 0006_customers.sql."""

from pathlib import Path

from tortoise import migrations
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    """Customers."""

    dependencies = [("retail", "0005_stock")]
    operations = [ops.RunSQL(Path(__file__).with_suffix(".sql").read_text())]
