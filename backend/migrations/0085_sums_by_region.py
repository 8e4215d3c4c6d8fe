"""Runs 0085_sums_by_region.sql."""

from pathlib import Path

from tortoise import migrations
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    """Sums by region, mix and product, and by hour, mix and location."""

    dependencies = [("retail", "0084_facts_by_subcategory")]
    operations = [ops.RunSQL(Path(__file__).with_suffix(".sql").read_text())]
