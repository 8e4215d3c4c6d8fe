"""Measurements of the whole product, shown as ratios to something simpler in the same run."""
