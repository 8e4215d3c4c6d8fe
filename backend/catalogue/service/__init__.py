"""Verbs of the catalogue: what codes and ids stand for, and the changes of what it holds."""

from backend.catalogue.service.references import (
    prices_at,
    products_by_id,
    resolve_distributors,
    resolve_gtins,
    resolve_skus,
)

__all__ = [
    "prices_at",
    "products_by_id",
    "resolve_distributors",
    "resolve_gtins",
    "resolve_skus",
]
