"""Runs 0050_reports.sql."""

from pathlib import Path

from tortoise import migrations
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    """Reports: what is sent to whom and when, each run, and its files."""

    dependencies = [("retail", "0041_business_years")]
    operations = [ops.RunSQL(Path(__file__).with_suffix(".sql").read_text())]
