"""Runs 0024_audit_ends.sql."""

from pathlib import Path

from tortoise import migrations
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    """Where each audit log ends."""

    dependencies = [("retail", "0023_currency_and_supply")]
    operations = [ops.RunSQL(Path(__file__).with_suffix(".sql").read_text())]
