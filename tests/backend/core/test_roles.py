"""What roles may do at most."""

from backend.core.roles import SCOPES_OF, Role, scopes_within
from backend.core.scopes import Scope

WRITES = {scope for scope in Scope if not scope.value.endswith(":read")}


def test_every_role_has_scopes():
    assert SCOPES_OF.keys() == set(Role)
    assert all(SCOPES_OF.values())


def test_only_who_runs_the_organisation_is_admin():
    assert {role for role, scopes in SCOPES_OF.items() if Scope.ADMIN in scopes} == {
        Role.OWNER,
        Role.ADMIN,
    }


def test_an_auditor_reads_everything_and_writes_nothing():
    assert SCOPES_OF[Role.AUDITOR] == set(Scope) - WRITES


def test_cost_and_profit_are_for_those_who_run_study_or_check_the_business():
    knowing = {role for role, scopes in SCOPES_OF.items() if Scope.ANALYTICS_READ in scopes}

    assert knowing == {Role.OWNER, Role.MANAGER, Role.ANALYST, Role.AUDITOR}


def test_screens_and_auditors_write_nothing():
    for role in (Role.SCREEN, Role.AUDITOR):
        assert not SCOPES_OF[role] & WRITES


def test_admin_stands_for_all_on_both_sides_of_a_limit():
    some, others = frozenset({Scope.SALES_READ}), frozenset({Scope.SALES_READ, Scope.STOCK_READ})
    admin = frozenset({Scope.ADMIN})

    assert scopes_within(others, some) == some
    assert scopes_within(admin, some) == some
    assert scopes_within(some, admin) == some
    assert scopes_within(admin, admin) == admin
