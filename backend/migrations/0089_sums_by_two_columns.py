"""Runs 0089_sums_by_two_columns.sql."""

from pathlib import Path

from tortoise import migrations
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    """Fewer sums: a copy of the facts as columns answers the rest."""

    dependencies = [("retail", "0088_facts_as_columns")]
    operations = [ops.RunSQL(Path(__file__).with_suffix(".sql").read_text())]
