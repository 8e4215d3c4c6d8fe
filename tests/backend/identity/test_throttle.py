from backend.identity.throttle import Throttle


def test_failures_up_to_the_limit_cost_no_wait():
    throttle = Throttle(most=3, per_seconds=30)
    for _ in range(2):
        throttle.note_failure("a", now=0)

    assert throttle.wait_of("a", now=0) == 0


def test_one_failure_is_forgotten_after_its_share_of_the_time():
    throttle = Throttle(most=3, per_seconds=30)
    for _ in range(3):
        throttle.note_failure("a", now=0)

    assert throttle.wait_of("a", now=0) == 10
    assert throttle.wait_of("a", now=10) == 0


def test_keys_do_not_share_their_failures():
    throttle = Throttle(most=1, per_seconds=10)
    throttle.note_failure("a", now=0)

    assert throttle.wait_of("b", now=0) == 0


def test_only_so_many_keys_are_remembered():
    throttle = Throttle(most=1, per_seconds=10, keys=2)
    for key in "abc":
        throttle.note_failure(key, now=0)

    assert [throttle.wait_of(key, now=0) > 0 for key in "abc"] == [False, True, True]
