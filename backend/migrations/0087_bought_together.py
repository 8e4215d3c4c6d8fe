"""Runs 0087_bought_together.sql."""

from pathlib import Path

from tortoise import migrations
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    """Facts by their sale, and sums of what is bought together."""

    dependencies = [("retail", "0086_facts_by_all_filters")]
    operations = [ops.RunSQL(Path(__file__).with_suffix(".sql").read_text())]
