"""Runs 0051_reports_kept.sql."""

from pathlib import Path

from tortoise import migrations
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    """Who may read what was made."""

    dependencies = [("retail", "0043_sales_retention")]
    operations = [ops.RunSQL(Path(__file__).with_suffix(".sql").read_text())]
