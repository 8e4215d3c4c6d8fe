"""Arguments for any field of the schema, made of its types and of what an attacker knows."""

import random
from datetime import UTC, datetime

from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLList,
    GraphQLNonNull,
    get_named_type,
)

RANDOM_ONES = 6


def variants(name, field, known, own):
    """Return sets of variables for a field: with everything, the least, and some chance ones.

    `known` is of the victim, `own` the attacker's: mixed, so that a request that is good in itself
    names somebody else's things.
    """
    chance = random.Random(name)
    makers = [Maker(chance, known, own, optional=share, mine=0) for share in (1, 0)]
    makers += [Maker(chance, known, own, optional=0.5, mine=0.4) for _ in range(RANDOM_ONES)]
    return [
        {
            key: maker.value(argument.type, key, name)
            for key, argument in field.args.items()
            if maker.gives(argument.type)
        }
        for maker in makers
    ]


class Maker:
    """Makes values; `optional` of what may be left out is given, `mine` of the names are own."""

    def __init__(self, chance, known, own, *, optional, mine):
        self._chance, self._known, self._own = chance, known, own
        self._optional, self._mine = optional, mine

    def gives(self, kind):
        return isinstance(kind, GraphQLNonNull) or self._chance.random() < self._optional

    def value(self, kind, key, path):
        if isinstance(kind, GraphQLNonNull):
            return self.value(kind.of_type, key, path)
        if isinstance(kind, GraphQLList):
            return [self.value(kind.of_type, _one_of(key), path) for _ in range(2)]
        named = get_named_type(kind)
        if isinstance(named, GraphQLInputObjectType):
            return {
                name: self.value(part.type, name, path)
                for name, part in named.fields.items()
                if self.gives(part.type)
            }
        if isinstance(named, GraphQLEnumType):
            return self._chance.choice(list(named.values))
        return self._scalar(named.name, key, path)

    def _scalar(self, kind, key, path):
        if kind in ("String", "ID"):
            return self._text(path if key == "code" else key, kind)  # location(code: …)
        if kind == "Cursor":
            found = self._known.by_name.get(f"after {path}") or ["l1.x"]
            return self._chance.choice(found)
        return {
            "Int": 2, "Long": 2, "Float": 1.5, "Decimal": "2",
            "Boolean": self._chance.random() < 0.5,
            "DateTime": datetime.now(UTC).isoformat(), "Date": datetime.now(UTC).date().isoformat(),
            "JSON": {"floor": 2},
        }[kind]  # fmt: skip

    def _text(self, key, kind):
        if key == "timezone":
            return "UTC"
        if key == "currency":
            return "EUR"
        pool = self._own if self._chance.random() < self._mine else self._known
        if kind == "ID":
            return self._chance.choice(pool.ids)
        return self._chance.choice(pool.by_name.get(key) or pool.anything)


def _one_of(key):
    """Return the name of one of many: `skus` are of `sku`."""
    if key.endswith("ies"):
        return key[:-3] + "y"
    return key.removesuffix("s")
