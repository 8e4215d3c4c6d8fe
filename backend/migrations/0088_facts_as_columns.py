"""Runs 0088_facts_as_columns.sql."""

from pathlib import Path

from tortoise import migrations
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    """What a copy of facts as columns follows."""

    dependencies = [("retail", "0087_bought_together")]
    operations = [ops.RunSQL(Path(__file__).with_suffix(".sql").read_text())]
