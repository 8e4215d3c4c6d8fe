"""Runs 0020_parked_reads.sql."""

from pathlib import Path

from tortoise import migrations
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    """What reads say, and those that wait for a product."""

    dependencies = [("retail", "0014_documents")]
    operations = [ops.RunSQL(Path(__file__).with_suffix(".sql").read_text())]
