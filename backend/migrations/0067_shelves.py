"""Runs 0067_shelves.sql."""

from pathlib import Path

from tortoise import migrations
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    """Shelves with their boards, what stands on them, sizes of products, and elasticities."""

    dependencies = [("retail", "0064_supply_terms"), ("retail", "0072_facts_by_place")]
    operations = [ops.RunSQL(Path(__file__).with_suffix(".sql").read_text())]
