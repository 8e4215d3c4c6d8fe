"""Runs 0082_products_it_sold.sql."""

from pathlib import Path

from tortoise import migrations
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    """What a distributor sold is looked up once for all that a reader asks."""

    dependencies = [("retail", "0081_who_sold")]
    operations = [ops.RunSQL(Path(__file__).with_suffix(".sql").read_text())]
