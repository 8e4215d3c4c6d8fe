"""Runs 0086_facts_by_all_filters.sql."""

from pathlib import Path

from tortoise import migrations
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    """Indexes of facts hold all that is filtered by."""

    dependencies = [("retail", "0085_sums_by_region")]
    operations = [ops.RunSQL(Path(__file__).with_suffix(".sql").read_text())]
