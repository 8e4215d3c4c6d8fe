import pytest

from backend.analytics.presets.decomposition import decompose, moving_average

SEASON = (-30.0, 10.0, -5.0, 25.0)
FACTORS = (0.5, 1.25, 0.75, 1.5)


def test_the_centred_average_of_an_even_length_is_the_mean_of_two():
    smooth = moving_average([1, 2, 3, 4, 5, 9], 4)

    assert smooth == [
        None,
        None,
        (0.5 + 2 + 3 + 4 + 2.5) / 4,
        (1 + 3 + 4 + 5 + 4.5) / 4,
        None,
        None,
    ]


def test_the_centred_average_of_an_odd_length_takes_as_many_on_either_side():
    assert moving_average([1, 2, 6, 4, 5], 3) == [None, 3, 4, 5, None]


def test_a_line_with_a_season_comes_apart_into_both():
    values = [100 + 2 * n + SEASON[n % 4] for n in range(20)]
    values[0] = -1.0  # the moving average does not reach it: it only rules out factors

    parts = decompose(values, [n % 4 for n in range(20)], 4)

    assert not parts.is_multiplicative
    assert parts.trend[5:17] == pytest.approx([100 + 2 * n for n in range(5, 17)])
    assert parts.pattern == pytest.approx(SEASON, abs=3)
    assert sum(parts.pattern) == pytest.approx(0)
    for value, level, season, rest in zip(
        values, parts.trend, parts.seasonal, parts.remainder, strict=True
    ):
        assert (level is None) == (rest is None)
        if level is not None and rest is not None:
            assert level + season + rest == pytest.approx(value)


def test_factors_around_a_level_are_found_exactly():
    values = [40 * FACTORS[n % 4] for n in range(16)]

    parts = decompose(values, [n % 4 for n in range(16)], 4)

    assert parts.is_multiplicative
    assert parts.pattern == pytest.approx(FACTORS)
    assert [one for one in parts.trend if one is not None] == pytest.approx([40.0] * 12)
    assert [one for one in parts.remainder if one is not None] == pytest.approx([1.0] * 12)
    assert parts.seasonal_strength == pytest.approx(1)


def test_what_does_not_repeat_has_no_season():
    parts = decompose(
        [10, 12, 9, 30, 11, 10, 33, 9, 12, 31, 10, 11, 9, 8, 35, 10], [0, 1, 2, 3] * 4, 4
    )

    assert parts.seasonal_strength < 0.5


# Antidiabetic drug sales in Australia from July 1991 on, in millions (the series `a10` of Hyndman
# and Athanasopoulos), and what `seasonal_decompose` of statsmodels 0.14 makes of it.
A10 = (
    3.526591, 3.180891, 3.252221, 3.611003, 3.565869, 4.306371, 5.088335, 2.814520, 2.985811,
    3.204780, 3.127578, 3.270523, 3.737851, 3.558776, 3.777202, 3.924490, 4.386531, 5.810549,
    6.192068, 3.450857, 3.772307, 3.734303, 3.905399, 4.049687, 4.315566, 4.562185, 4.608662,
    4.667851, 5.093841, 7.179962, 6.731473, 3.841278, 4.394076, 4.075341, 4.540645, 4.645615,
)  # fmt: skip


FROM_JANUARY = (
    1.454385, 0.798463, 0.847874, 0.863438, 0.860491, 0.875961, 0.945002, 0.93574, 0.956888,
    0.970733, 1.06044, 1.430586,
)  # fmt: skip


def test_a_published_series_comes_apart_as_in_statsmodels():
    parts = decompose(A10, [(n + 6) % 12 for n in range(36)], 12)

    assert parts.is_multiplicative
    assert parts.pattern == pytest.approx(FROM_JANUARY, abs=1e-6)
    assert parts.trend[6:9] == pytest.approx((3.503344, 3.527891, 3.565511), abs=1e-6)
    assert parts.remainder[6:9] == pytest.approx((0.998651, 0.999158, 0.987664), abs=1e-6)
    assert parts.seasonal_strength > 0.9


def test_a_published_series_comes_apart_into_a_sum_too():
    parts = decompose([*A10[:-1], 0.0], [(n + 6) % 12 for n in range(36)], 12)

    assert not parts.is_multiplicative
    assert parts.pattern[0] == pytest.approx(1.75, abs=0.02)
