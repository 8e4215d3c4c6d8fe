import hypothesis.strategies as st
import pytest
from hypothesis import given, settings

from backend.merchandising.errors import EmptyShelf, ShelfTooNarrow, TooLargeToSolve
from backend.merchandising.planning import make_plan, proportional_to
from backend.merchandising.rules import MinimumShare, PlanMethod, Problem, profit_now
from backend.merchandising.space import Space
from tests.backend.merchandising.problems import (
    best_by_trying,
    board,
    is_together,
    is_within,
    item,
    problems,
    random_shelf,
)

NEAR = 1e-6


def by_key(plan) -> dict[str, int]:
    items = plan.space.problem.items
    return {one.key: n for one, n in zip(items, plan.allocation.facings, strict=True)}


def held(plan) -> bool:
    return not plan.short and not plan.missed and is_within(plan.space, plan.allocation)


@settings(max_examples=150, deadline=None)
@given(problems(), st.sampled_from([PlanMethod.AUTO, PlanMethod.GREEDY, PlanMethod.PROPORTIONAL]))
def test_a_plan_holds_minimums_widths_and_blocks_and_is_no_better_than_its_bound(problem, method):
    try:
        plan = make_plan(problem, method)
    except ShelfTooNarrow:
        return

    assert held(plan)
    assert is_together(plan.space, plan.allocation)
    assert plan.bound is not None
    assert plan.profit <= plan.bound + NEAR * (1 + abs(plan.bound))


@settings(max_examples=60, deadline=None)
@given(problems(most_items=3))
def test_the_exact_plan_is_what_trying_everything_finds(problem):
    best = best_by_trying(Space.of(problem))

    if best is None:
        with pytest.raises(ShelfTooNarrow):
            make_plan(problem, PlanMethod.EXACT)
    else:
        plan = make_plan(problem, PlanMethod.EXACT)
        assert held(plan)
        assert plan.is_optimal
        assert plan.profit == pytest.approx(best, rel=1e-5, abs=1e-5)
        assert plan.bound is not None
        assert plan.bound >= best - NEAR * (1 + abs(best))


@settings(max_examples=150, deadline=None)
@given(problems(most_items=5))
def test_no_greedy_plan_beats_the_exact_one(problem):
    try:
        quick = make_plan(problem, PlanMethod.GREEDY)
    except ShelfTooNarrow:
        return

    exact = make_plan(problem, PlanMethod.EXACT)

    assert exact.profit >= quick.profit - 1e-5 * (1 + abs(quick.profit))


@settings(max_examples=60, deadline=None)
@given(problems(most_items=4, most_boards=1, has_equal_widths=True))
def test_greedy_choice_is_the_best_where_all_widths_are_equal(problem):
    best = best_by_trying(Space.of(problem))

    plan = make_plan(problem, PlanMethod.GREEDY)

    assert plan.profit == pytest.approx(best, rel=1e-9, abs=1e-9)


@settings(max_examples=100, deadline=None)
@given(problems(most_items=6))
def test_the_least_bad_plan_stays_within_widths_and_says_who_falls_short(problem):
    plan = make_plan(problem, is_least_bad=True)

    needed = [plan.space.minimum(n, b).facings for n, b in enumerate(plan.allocation.boards)]
    has_less = [n for n, f in enumerate(plan.allocation.facings) if f < needed[n]]
    assert is_within(plan.space, plan.allocation)
    assert list(plan.short) == has_less
    assert plan.missing_mm >= 0


@pytest.mark.parametrize("boards", [1, 4])
@pytest.mark.parametrize("count", [20, 100, 300])
def test_greedy_choice_is_within_half_a_percent_of_the_bound_on_shelves_as_they_are(count, boards):
    plan = make_plan(random_shelf(count, seed=count, boards=boards), PlanMethod.GREEDY)

    assert plan.gap is not None
    assert plan.gap < 0.005
    assert proportional_to(plan).profit < plan.profit


def test_minimums_that_do_not_fit_are_refused_and_name_the_products():
    problem = Problem(
        (board(250),),
        (item("A", until_refill=8.0), item("B", until_refill=8.0), item("C", demand=0.1)),
    )

    with pytest.raises(ShelfTooNarrow) as raised:
        make_plan(problem)

    # Four units stand behind one another: eight take two facings, of which 50 cm would be needed.
    assert raised.value.code == "SHELF_TOO_NARROW"
    assert raised.value.details["products"] == ["A", "B", "C"]
    assert raised.value.details["missingCm"] == 30.0


def test_the_least_bad_plan_gives_what_the_most_margin_hangs_on():
    problem = Problem(
        (board(300),),
        (
            item("cheap", until_refill=8.0, margin=1.0),
            item("dear", until_refill=8.0, margin=9.0),
        ),
    )

    plan = make_plan(problem, is_least_bad=True)

    assert by_key(plan) == {"cheap": 1, "dear": 2}
    assert [problem.items[n].key for n in plan.short] == ["cheap"]
    assert plan.bound is None


def test_products_that_no_board_is_high_enough_for_are_left_out():
    problem = Problem((board(300, height=90),), (item("tall"),))

    plan = make_plan(problem, is_least_bad=True)

    assert by_key(plan) == {"tall": 0}
    assert plan.allocation.boards == (None,)
    assert plan.short == (0,)


def test_products_stand_only_on_boards_they_fit():
    tall = item("tall", until_refill=1.0)
    problem = Problem((board(1000, height=90), board(200)), (tall, item("other")))

    plan = make_plan(problem)

    assert plan.allocation.boards == (1, 1)


def test_a_block_stands_on_one_board():
    items = tuple(item(str(n), block="tea" if n < 3 else None) for n in range(6))
    problem = Problem((board(300), board(300)), items)

    plan = make_plan(problem)

    assert len(set(plan.allocation.boards[:3])) == 1
    assert held(plan)


@pytest.mark.parametrize("method", [PlanMethod.AUTO, PlanMethod.EXACT, PlanMethod.GREEDY])
def test_a_group_gets_its_share(method):
    items = (
        item("own", margin=0.1, groups=frozenset({"Own brand"})),
        item("other", margin=9.0),
    )
    problem = Problem((board(1000),), items, (MinimumShare("Own brand", 0.4),))

    plan = make_plan(problem, method)

    assert by_key(plan)["own"] == 4
    assert by_key(plan)["other"] == 6
    assert held(plan)


def test_a_share_that_its_group_cannot_fill_is_refused():
    items = (item("own", most=2, groups=frozenset({"Own brand"})), item("other"))
    problem = Problem((board(1000),), items, (MinimumShare("Own brand", 0.4),))

    with pytest.raises(ShelfTooNarrow) as raised:
        make_plan(problem)

    assert raised.value.details["groups"] == ["Own brand"]
    assert make_plan(problem, is_least_bad=True).missed == ("Own brand",)


def test_products_stay_on_their_boards_unless_moving_pays():
    items = tuple(item(str(n), board_now=n % 2, now=1) for n in range(8))
    problem = Problem((board(600), board(600)), items)

    plan = make_plan(problem)

    assert plan.allocation.boards == tuple(one.board_now for one in items)


def test_the_next_facing_and_the_next_cm_tell_what_space_is_worth():
    problem = Problem((board(300),), (item("A", margin=4.0, elasticity=0.5), item("B")))

    plan = make_plan(problem)

    assert by_key(plan) == {"A": 2, "B": 1}
    gains = plan.next_facing()
    assert gains[0] == pytest.approx(40 * (3**0.5 - 2**0.5))
    assert plan.next_cm() == [pytest.approx(max(gains) / 10)]


def test_a_shelf_without_products_or_boards_has_no_plan():
    with pytest.raises(EmptyShelf):
        make_plan(Problem((board(100),), ()))
    with pytest.raises(EmptyShelf):
        make_plan(Problem((), (item("A"),)))


def test_large_shelves_are_solved_greedily_and_never_exactly():
    problem = random_shelf(1000, seed=1)

    with pytest.raises(TooLargeToSolve):
        make_plan(problem, PlanMethod.EXACT)
    assert make_plan(problem).method is PlanMethod.GREEDY


def test_profit_of_now_is_margin_times_demand():
    items = (item("A", now=3), item("B", now=1, margin=0.5), item("new", now=0))

    assert profit_now(items) == pytest.approx(20 + 5)
