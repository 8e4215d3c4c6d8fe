"""Alerts as they change."""

from collections.abc import AsyncGenerator

import strawberry

from backend.alerts.events import AlertChanged
from backend.alerts.graphql import Alert, AlertFilter
from backend.alerts.service import AlertCriteria
from backend.core.events import Topic
from backend.core.scopes import Scope
from backend.events.rules import Entry, Fact, Item
from backend.events.subscriptions import changes
from backend.infra.api.access import Requires
from backend.infra.api.context import Info


@strawberry.type
class Subscription:
    """Root fields."""

    @strawberry.subscription(extensions=[Requires(Scope.ALERTS_READ)])
    async def alert_changed(
        self,
        info: Info,
        filter: AlertFilter | None = None,  # noqa: A002 - the contract's name
    ) -> AsyncGenerator[Alert, None]:
        """Alerts as they are opened, taken on and resolved, from now on; none is left out."""
        criteria = filter.criteria() if filter else AlertCriteria()

        def is_wanted(entry: Entry, fact: Fact) -> bool:
            return entry.kind == AlertChanged.kind and admits(criteria, fact)

        async for alert in changes(info.context, [Topic.ALERTS], _alert, keep=is_wanted):
            yield alert


def admits(criteria: AlertCriteria, fact: Fact) -> bool:
    """Tell whether the alert of a stored fact meets the criteria."""
    alert = fact["alert"]
    found = (
        (criteria.kinds, alert["kind"]),
        (criteria.severities, alert["severity"]),
        (criteria.states, alert["state"]),
        (criteria.locations, (fact["location"] or {}).get("code")),
        (criteria.skus, (fact["product"] or {}).get("sku")),
        (criteria.subjects, alert.get("subject")),
    )
    return all(wanted is None or value in wanted for wanted, value in found)


def _alert(item: Item) -> Alert:
    return Alert.from_fact(item.fact)
