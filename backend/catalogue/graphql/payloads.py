"""What clients get back for what they sent."""

from backend.catalogue.graphql.types import Distributor, Product, Promotion
from backend.core.scopes import Scope
from backend.infra.api.declared import seen_with
from backend.infra.api.described import object_type
from backend.infra.api.results import RowStatus, UserError


@seen_with(Scope.CATALOGUE_WRITE)
@object_type
class ProductResult:
    """What became of one product."""

    sku: str
    """Its SKU."""
    status: RowStatus
    """ACCEPTED also where it was as sent already."""
    product: Product | None
    """The product as it is now; null if rejected."""
    user_errors: list[UserError]
    """Why it was rejected."""


@seen_with(Scope.CATALOGUE_WRITE)
@object_type
class UpsertProductsPayload:
    """What became of the products."""

    accepted_count: int
    """Products that are now as sent."""
    rejected_count: int
    """Products left as they were."""
    results: list[ProductResult]
    """One per row, in order."""


@seen_with(Scope.CATALOGUE_WRITE)
@object_type
class DistributorResult:
    """What became of one distributor."""

    code: str
    """Its code."""
    status: RowStatus
    """ACCEPTED also where it was as sent already."""
    distributor: Distributor | None
    """The distributor as it is now; null if rejected."""
    user_errors: list[UserError]
    """Why it was rejected."""


@seen_with(Scope.CATALOGUE_WRITE)
@object_type
class UpsertDistributorsPayload:
    """What became of the distributors."""

    accepted_count: int
    """Distributors that are now as sent."""
    rejected_count: int
    """Distributors left as they were."""
    results: list[DistributorResult]
    """One per row, in order."""


@seen_with(Scope.CATALOGUE_WRITE)
@object_type
class PromotionResult:
    """What became of one promotion."""

    code: str
    """Its code."""
    status: RowStatus
    """ACCEPTED also where it was as sent already."""
    promotion: Promotion | None
    """The promotion as it is now; null if rejected."""
    user_errors: list[UserError]
    """Why it was rejected."""


@seen_with(Scope.CATALOGUE_WRITE)
@object_type
class UpsertPromotionsPayload:
    """What became of the promotions."""

    accepted_count: int
    """Promotions that are now as sent."""
    rejected_count: int
    """Promotions left as they were."""
    results: list[PromotionResult]
    """One per row, in order."""
