"""Who may do what, and who may share what."""

import pytest

from backend.core.ids import new_id
from backend.core.principal import MissingScope, Principal, program
from backend.core.scopes import InvalidScope, Scope, parse_scopes

ORG, HERE, THERE = new_id(), new_id(), new_id()


def principal(*scopes, **fields):
    return Principal(ORG, "client", frozenset(scopes), **fields)


def test_a_scope_must_be_granted():
    with pytest.raises(MissingScope) as caught:
        principal(Scope.SALES_READ).require(Scope.SALES_WRITE)

    assert caught.value.extensions == {"code": "MISSING_SCOPE", "scope": "sales:write"}


def test_admin_implies_every_scope():
    for scope in Scope:
        principal(Scope.ADMIN).require(scope)


def test_a_limit_of_locations_hides_the_others_but_not_what_belongs_to_all():
    limited = principal(locations=frozenset({HERE}))

    assert limited.sees(HERE)
    assert limited.sees(None)
    assert not limited.sees(THERE)
    assert principal().sees(THERE)


def test_an_audience_is_what_is_seen_not_who_sees_it():
    one = Principal(ORG, "a", frozenset({Scope.SALES_READ}))
    same = Principal(ORG, "b", frozenset({Scope.SALES_READ}), user_id=HERE, session_id=THERE)
    others = [
        Principal(new_id(), "a", frozenset({Scope.SALES_READ})),
        principal(Scope.STOCK_READ),
        principal(Scope.SALES_READ, locations=frozenset({HERE})),
        principal(Scope.SALES_READ, locations=frozenset()),
        principal(Scope.SALES_READ, partner=HERE),
        principal(Scope.SALES_READ, channel="ONLINE"),
    ]

    assert one.audience == same.audience
    assert len({one.audience, *(other.audience for other in others)}) == 7


def test_our_own_programs_may_do_everything_in_one_organisation():
    assert program(ORG, "worker").has(Scope.PRIVACY_ADMIN)


def test_scopes_are_read_from_a_list_with_spaces():
    assert parse_scopes("sales:read  stock:read") == {Scope.SALES_READ, Scope.STOCK_READ}
    assert parse_scopes([]) == frozenset()
    with pytest.raises(InvalidScope):
        parse_scopes("sales:read root")
