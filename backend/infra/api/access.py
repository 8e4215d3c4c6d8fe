"""The one declaration per field of who may use it."""

import inspect
from collections.abc import Callable
from typing import Any

from strawberry.extensions import FieldExtension

from backend.core.scopes import Scope
from backend.infra.api.context import Info


class Requires(FieldExtension):
    """Lets a field run only for tokens with all of the scopes, and with one of `one_of`.

    Works for queries, mutations and subscriptions.
    """

    def __init__(self, *scopes: Scope, one_of: tuple[Scope, ...] = ()) -> None:
        self.scopes = scopes
        self.one_of = one_of

    def resolve(
        self, next_: Callable[..., Any], source: object, info: Info, **arguments: object
    ) -> object:
        """Check, then go on."""
        self._check(info)
        return next_(source, info, **arguments)

    async def resolve_async(
        self, next_: Callable[..., Any], source: object, info: Info, **arguments: object
    ) -> object:
        """Check, then go on; a subscription's generator is handed over as it is."""
        self._check(info)
        result = next_(source, info, **arguments)
        return await result if inspect.isawaitable(result) else result

    def _check(self, info: Info) -> None:
        principal = info.context.principal
        for scope in self.scopes:
            principal.require(scope)
        if self.one_of and not any(principal.has(scope) for scope in self.one_of):
            principal.require(self.one_of[0])


class Hides(Requires):
    """Answers null instead of an error where the scope is missing.

    For figures not everybody may know.
    """

    def resolve(
        self, next_: Callable[..., Any], source: object, info: Info, **arguments: object
    ) -> object:
        """Answer null without the scopes."""
        if not all(info.context.principal.has(scope) for scope in self.scopes):
            return None
        return next_(source, info, **arguments)

    async def resolve_async(
        self, next_: Callable[..., Any], source: object, info: Info, **arguments: object
    ) -> object:
        """Answer null without the scopes."""
        if not all(info.context.principal.has(scope) for scope in self.scopes):
            return None
        result = next_(source, info, **arguments)
        return await result if inspect.isawaitable(result) else result
