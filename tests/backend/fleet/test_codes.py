import pytest
from hypothesis import given, strategies as st

from backend.fleet.codes import CODE_BYTES, code_of, digest_of, typed

BYTES = st.binary(min_size=CODE_BYTES, max_size=CODE_BYTES)


@given(BYTES)
def test_a_code_is_four_groups_of_four_that_people_cannot_mistake(random_bytes):
    code = code_of(random_bytes)

    assert [len(group) for group in code.split("-")] == [4, 4, 4, 4]
    assert not set(code) & set("ILOU")


@given(BYTES, st.sampled_from(["lower", "upper"]), st.sampled_from(["", " ", "-", "--"]))
def test_a_code_is_known_however_it_is_typed(random_bytes, case, between):
    code = code_of(random_bytes)
    sloppy = getattr(code, case)().replace("-", between).replace("0", "o").replace("1", "l")

    assert typed(f" {sloppy} ") == code.replace("-", "")


@given(BYTES, BYTES)
def test_different_codes_have_different_digests(one, other):
    digests = {digest_of(code_of(each).replace("-", ""), b"k") for each in (one, other)}

    assert (len(digests) == 1) == (one == other)


@pytest.mark.parametrize(
    "text", ["", "AAAA", "A" * 17, "UUUU-UUUU-UUUU-UUUU", "ÄÄÄÄ-AAAA-AAAA-AAAA", "A" * 10_000]
)
def test_what_cannot_be_a_code_is_none(text):
    assert typed(text) is None


def test_a_digest_says_nothing_without_the_key():
    assert digest_of("A" * 16, b"one") != digest_of("A" * 16, b"other")
