"""Months of the calendar."""

from datetime import date, timedelta


def next_month(day: date) -> date:
    """Return the first day of the month after that of `day`, which is not in the last of all."""
    return (day.replace(day=1) + timedelta(days=31)).replace(day=1)
