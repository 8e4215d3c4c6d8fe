"""Runs 0014_documents.sql."""

from pathlib import Path

from tortoise import migrations
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    """Documents that clients registered."""

    dependencies = [("retail", "0013_limits_of_sight")]
    operations = [ops.RunSQL(Path(__file__).with_suffix(".sql").read_text())]
