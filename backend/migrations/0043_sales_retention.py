"""Runs 0043_sales_retention.sql."""

from pathlib import Path

from tortoise import migrations
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    """Letting sales of long ago go."""

    dependencies = [("retail", "0042_sale_months")]
    operations = [ops.RunSQL(Path(__file__).with_suffix(".sql").read_text())]
