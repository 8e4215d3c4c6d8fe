"""EPCs of tags: published vectors, round trips of every partition, and what is refused."""

import json
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, strategies as st

from backend.core.identifiers import (
    EPC,
    Decoded,
    Epc,
    Fault,
    InvalidEpc,
    Scheme,
    Undecodable,
    check_digit,
    decode_epc,
    decode_scan,
    encode_epc,
)

VECTORS = Path(__file__).resolve().parents[4] / "shared" / "vectors" / "edge_vectors.json"
CHARACTERS = "!\"%&'()*+,-./:;<=>?_0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
DIGITS = "0123456789"
PREFIX_LENGTHS = st.integers(6, 12)
TEXTS = st.text(CHARACTERS, min_size=1, max_size=20)


def vectors(kind):
    if not VECTORS.exists():
        return [pytest.param(None, marks=pytest.mark.skip("the published vectors are not here"))]
    return [pytest.param(one, id=one["hex"]) for one in json.loads(VECTORS.read_text())[kind]]


def digits(count):
    return st.text(DIGITS, min_size=count, max_size=count)


def with_check_digit(payload):
    return payload + check_digit(payload)


def numbers(greatest):
    return st.integers(0, greatest).map(str)


@pytest.mark.parametrize("vector", vectors("epc"))
def test_a_published_tag_decodes_as_published_and_encodes_back(vector):
    epc = decode_epc(vector["hex"])

    assert epc.scheme == vector["scheme"].lower()
    if "digital_link_path" in vector:
        assert epc.digital_link == "https://id.gs1.org" + vector["digital_link_path"]
    if "uri" in vector:
        assert epc.uri == vector["uri"]
    assert encode_epc(epc).rstrip("0") == vector["hex"].upper().rstrip("0")


@pytest.mark.parametrize("vector", vectors("epc_invalid"))
def test_a_published_bad_tag_is_refused_with_a_reason(vector):
    decoded = decode_scan(vector["hex"], EPC)

    assert isinstance(decoded, Undecodable)
    assert decoded.explanation


@pytest.mark.parametrize(
    ("code", "fault"),
    [
        pytest.param("", Fault.EMPTY, id="nothing"),
        pytest.param("30 74", Fault.NOT_HEX, id="not hex"),
        pytest.param("0x3074257BF7194E4000001A85", Fault.NOT_HEX, id="0x before it"),
        pytest.param("E28011606000020F5A3B0D1C", Fault.UNKNOWN_SCHEME, id="a TID"),
        pytest.param("0" * 24, Fault.UNPROGRAMMED, id="never programmed"),
        pytest.param("3", Fault.TOO_SHORT, id="half a header"),
        pytest.param("3074257BF7194E4000001A", Fault.TOO_SHORT, id="a byte short"),
        pytest.param("303C257BF7194E4000001A85", Fault.BAD_PARTITION, id="partition 7"),
        pytest.param("3037FFFFFFFFFFFFFFFFFFFF", Fault.OUT_OF_RANGE, id="prefix too great"),
        pytest.param("3302D3167D53E5753DC98FA3", Fault.OUT_OF_RANGE, id="reference of no digits"),
        pytest.param("3074257BF7194E4000001A850000", Fault.OVERLONG, id="a word of zeros more"),
        pytest.param("F90095201234567891235001", Fault.OVERLONG, id="bits behind SSCC+"),
        pytest.param("3154257BF4499602D2000001", Fault.OVERLONG, id="reserved bits of SSCC-96"),
        pytest.param("0" * 129, Fault.OVERLONG, id="more than a tag holds"),
        pytest.param("F79795211411234548566CB0AFC4", Fault.WRONG_CHECK_DIGIT, id="GTIN of SGTIN+"),
        pytest.param("F7379521141123A538566CB0AFC4", Fault.OUT_OF_RANGE, id="digit above 9"),
        pytest.param("F737952114112345E8566CB0AFC4", Fault.OUT_OF_RANGE, id="letter as digit"),
        pytest.param("F7379521141123453C5000", Fault.BAD_CHARACTER, id="reserved indicator"),
        pytest.param("F73795211411234530", Fault.TOO_SHORT, id="length without text"),
        pytest.param("FB372CDE795211411234538566CB0AFC4", Fault.BAD_DATE, id="reserved date"),
        pytest.param("FB342DFE795211411234538566CB0AFC4", Fault.BAD_DATE, id="month 15"),
        pytest.param("FA3123F0", Fault.TOO_SHORT, id="GIAI without prefix"),
        pytest.param("36" + "0" * 50, Fault.BAD_CHARACTER, id="no serial"),
        pytest.param("FA31234EC1A0", Fault.BAD_CHARACTER, id="+ reserved way of writing"),
        pytest.param("FA31234E013", Fault.BAD_CHARACTER, id="digits behind the delimiter"),
        pytest.param("FA3123A", Fault.OUT_OF_RANGE, id="letter among a GIAI's digits"),
        pytest.param("F7379521141123453A10000", Fault.BAD_CHARACTER, id="URN Code 40 of nothing"),
        pytest.param("F7379521141123453A106655", Fault.BAD_CHARACTER, id="more than its length"),
    ],
)
def test_what_is_no_epc_says_why(code, fault):
    assert decode_scan(code, EPC) == Undecodable(fault)


def test_a_character_after_the_end_of_a_text_is_refused():
    sgtin = encode_epc(Epc(Scheme.SGTIN_198, "80614141123458", "A", 7))
    bits = int(sgtin, 16) | ord("B") << (208 - 58 - 21)

    with pytest.raises(InvalidEpc) as raised:
        decode_epc(f"{bits:052X}")

    assert raised.value.fault is Fault.BAD_CHARACTER


def test_a_bit_too_few_for_a_character_is_zero():
    # 148 bits of reference hold 21 characters and one bit, six bits fill the last word.
    odd = int(encode_epc(Epc(Scheme.GIAI_202, "952114112345A", None, 12)), 16) | 1 << 6

    assert decode_scan(f"{odd:052X}", EPC) == Undecodable(Fault.OVERLONG)


def test_an_asset_has_no_more_characters_than_gs1_allows():
    longest = encode_epc(Epc(Scheme.GIAI_202, "952114112345" + "A" * 18, None, 12))
    longer = int(longest, 16) | ord("A") << (208 - 54 - 19 * 7)

    assert decode_scan(f"{longer:052X}", EPC) == Undecodable(Fault.OUT_OF_RANGE)


def test_a_tag_tells_only_the_day_it_has_and_a_lot_only_with_a_known_prefix():
    dated = decode_epc("FB342CDE795211411234538566CB0AFC4")
    known = Epc(Scheme.SGTIN_96, "80614141123458", "1", 7)

    assert dated.day("15") is None
    assert dated.lot_uri("L") is None
    assert known.lot_uri("L/1") == "urn:epc:class:lgtin:0614141.812345.L%2F1"


@given(digits(13))
def test_the_uris_of_any_trade_item_can_be_told(payload):
    decoded = decode_scan(with_check_digit(payload if payload.strip("0") else "1" * 13))

    assert isinstance(decoded, Decoded)
    assert decoded.epc_uri is None
    assert (decoded.epc_class_uri or "urn:epc:idpat:sgtin:").startswith("urn:epc:idpat:sgtin:")


def test_data_that_the_toggle_announces_may_follow_the_epc():
    plain = "F73795211411234538566CB0AFC4"
    with_data = f"F7B{plain[3:]}DEADBEEF"

    assert decode_epc(with_data).digital_link == decode_epc(plain).digital_link


def test_a_tag_names_its_goods_serial_and_dates():
    sgtin = decode_scan("3074257BF7194E4000001A85", EPC)
    dated = decode_scan("FB342CDE795211411234538566CB0AFC4", EPC)

    assert isinstance(sgtin, Decoded)
    assert isinstance(dated, Decoded)
    assert (sgtin.gtin, sgtin.serial) == ("80614141123458", "6789")
    assert sgtin.epc_uri == "urn:epc:id:sgtin:0614141.812345.6789"
    assert sgtin.epc_class_uri == "urn:epc:idpat:sgtin:0614141.812345.*"
    assert sgtin.elements == (("01", "80614141123458"), ("21", "6789"))
    assert (dated.expires_on, dated.best_before) == (date(2022, 6, 30), None)


def test_a_tag_of_a_pallet_or_a_place_names_no_trade_item():
    pallet = decode_scan("3154257BF4499602D2000000", EPC)
    place = decode_scan("3276451FD46072000000162E", EPC)

    assert isinstance(pallet, Decoded)
    assert isinstance(place, Decoded)
    assert (pallet.gtin, pallet.sscc) == (None, "106141412345678908")
    assert (place.gtin, place.serial) == (None, None)


def test_a_place_without_extension_has_none_in_its_link():
    epc = Epc(Scheme.SGLN_96, with_check_digit("952114112345"), "0", 7)

    assert epc.digital_link == "https://id.gs1.org/414/9521141123454"
    assert decode_epc(encode_epc(epc)) == epc


def test_hexadecimal_digits_alone_are_no_tag_without_the_symbology():
    assert isinstance(decode_scan("3074257BF7194E4000001A85"), Undecodable)


@given(PREFIX_LENGTHS, digits(13), numbers(2**38 - 1), TEXTS, st.integers(0, 7))
def test_every_sgtin_reads_back(prefix_length, payload, number, text, filter_value):
    gtin = with_check_digit(payload if payload.strip("0") else "1" * 13)
    for epc in (
        Epc(Scheme.SGTIN_96, gtin, number, prefix_length, filter_value),
        Epc(Scheme.SGTIN_198, gtin, text, prefix_length, filter_value),
        Epc(Scheme.SGTIN_PLUS, gtin, text, None, filter_value),
        Epc(Scheme.DSGTIN_PLUS, gtin, text, None, filter_value, ("17", "280200")),
    ):
        assert decode_epc(encode_epc(epc)) == epc
        assert epc.gtin == gtin


@given(PREFIX_LENGTHS, digits(17), st.integers(0, 7))
def test_every_sscc_reads_back(prefix_length, payload, filter_value):
    sscc = with_check_digit(payload)
    for epc in (
        Epc(Scheme.SSCC_96, sscc, None, prefix_length, filter_value),
        Epc(Scheme.SSCC_PLUS, sscc, None, None, filter_value),
    ):
        assert decode_epc(encode_epc(epc)) == epc


@given(PREFIX_LENGTHS, digits(12), numbers(2**41 - 1), TEXTS)
def test_every_sgln_reads_back(prefix_length, payload, number, text):
    gln = with_check_digit(payload)
    for epc in (
        Epc(Scheme.SGLN_96, gln, number, prefix_length),
        Epc(Scheme.SGLN_195, gln, text, prefix_length),
        Epc(Scheme.SGLN_PLUS, gln, text),
    ):
        assert decode_epc(encode_epc(epc)) == epc


@given(PREFIX_LENGTHS, digits(12), numbers(2**38 - 1), st.text(CHARACTERS, min_size=1, max_size=16))
def test_every_grai_reads_back(prefix_length, payload, number, text):
    grai = with_check_digit(f"0{payload if payload.strip('0') else '1' * 12}")
    for epc in (
        Epc(Scheme.GRAI_96, grai, number, prefix_length),
        Epc(Scheme.GRAI_170, grai, text, prefix_length),
        Epc(Scheme.GRAI_PLUS, grai, text),
    ):
        assert decode_epc(encode_epc(epc)) == epc


@given(PREFIX_LENGTHS, digits(12), numbers(2**42 - 1), st.text(CHARACTERS, min_size=1, max_size=18))
def test_every_giai_reads_back(prefix_length, prefix, number, text):
    prefix = prefix[:prefix_length]
    for epc in (
        Epc(Scheme.GIAI_96, prefix + number, None, prefix_length),
        Epc(Scheme.GIAI_202, prefix + text, None, prefix_length),
        Epc(Scheme.GIAI_PLUS, prefix + text),
        Epc(Scheme.GIAI_PLUS, prefix + number),
    ):
        assert decode_epc(encode_epc(epc)) == epc


@pytest.mark.parametrize(
    "alphabet", [DIGITS, "0123456789ABCDEF", "0123456789abcdef", "AZ.:-09", "Az_-", "%/z"]
)
@given(data=st.data())
def test_a_serial_of_any_alphabet_reads_back_in_no_more_bits_than_ascii(alphabet, data):
    serial = data.draw(st.text(alphabet, min_size=1, max_size=20))
    epc = Epc(Scheme.SGTIN_PLUS, "80614141123458", serial)

    written = encode_epc(epc)

    assert decode_epc(written).serial == serial
    assert 4 * len(written) < 76 + 7 * len(serial) + 16


@pytest.mark.parametrize(
    "epc",
    [
        pytest.param(Epc(Scheme.SGTIN_96, "80614141123458", "01", 7), id="leading zero"),
        pytest.param(Epc(Scheme.SGTIN_96, "80614141123458", str(2**38), 7), id="serial too great"),
        pytest.param(Epc(Scheme.SGTIN_96, "80614141123458", "x", 7), id="text in a number"),
        pytest.param(Epc(Scheme.SGTIN_96, "80614141123458", None, 7), id="no serial"),
        pytest.param(Epc(Scheme.SGTIN_96, "80614141123459", "1", 7), id="wrong check digit"),
        pytest.param(Epc(Scheme.SGTIN_96, "8061414112345", "1", 7), id="13 digits"),
        pytest.param(Epc(Scheme.SGTIN_96, "8061414112345X", "1", 7), id="no digits"),
        pytest.param(Epc(Scheme.SGTIN_96, "80614141123458", "1", 5), id="prefix of 5 digits"),
        pytest.param(Epc(Scheme.SGTIN_96, "80614141123458", "1"), id="no prefix length"),
        pytest.param(Epc(Scheme.SGTIN_96, "80614141123458", "1", 7, 8), id="filter 8"),
        pytest.param(Epc(Scheme.SGTIN_198, "80614141123458", "a" * 21, 7), id="21 characters"),
        pytest.param(Epc(Scheme.SGTIN_198, "80614141123458", "\u00e9", 7), id="foreign letter"),
        pytest.param(Epc(Scheme.SGTIN_PLUS, "80614141123459", "1"), id="+ wrong check digit"),
        pytest.param(Epc(Scheme.SGTIN_PLUS, "0614141123452", "1"), id="+ 13 digits"),
        pytest.param(Epc(Scheme.SGTIN_PLUS, "80614141123458", ""), id="+ no serial"),
        pytest.param(Epc(Scheme.DSGTIN_PLUS, "80614141123458", "1"), id="no date"),
        pytest.param(
            Epc(Scheme.DSGTIN_PLUS, "80614141123458", "1", dated=("17", "261301")), id="month 13"
        ),
        pytest.param(
            Epc(Scheme.DSGTIN_PLUS, "80614141123458", "1", dated=("17", "2612010")), id="long date"
        ),
        pytest.param(
            Epc(Scheme.DSGTIN_PLUS, "80614141123458", "1", dated=("12", "261201")), id="other date"
        ),
        pytest.param(Epc(Scheme.SGTIN_96, "8X614141123458", "1", 7), id="letter in the prefix"),
        pytest.param(Epc(Scheme.SGTIN_96, "8061414112X458", "1", 7), id="letter in the reference"),
        pytest.param(Epc(Scheme.GRAI_PLUS, "80614141123458", "1"), id="GRAI without its zero"),
        pytest.param(Epc(Scheme.GIAI_PLUS, "12X"), id="GIAI of two digits"),
        pytest.param(Epc(Scheme.GIAI_96, "061414", None, 6), id="GIAI of a prefix only"),
        pytest.param(Epc(Scheme.GIAI_202, "061414" + "a" * 25, None, 6), id="GIAI of 31"),
    ],
)
def test_what_a_scheme_cannot_hold_is_not_written(epc):
    with pytest.raises(InvalidEpc) as raised:
        encode_epc(epc)

    assert raised.value.extensions["code"] == "INVALID_EPC"


@given(st.text("0123456789ABCDEF", min_size=0, max_size=140))
def test_no_tag_however_garbled_breaks_the_decoder(code):
    assert isinstance(decode_scan(code, EPC), Decoded | Undecodable)


@given(
    st.sampled_from(["30", "31", "32", "33", "34", "36", "37", "38", "39", "F1", "F2", "F7", "FA"]),
    st.text("0123456789ABCDEF", min_size=22, max_size=50),
)
def test_what_decodes_behind_a_known_header_encodes_to_the_same(header, body):
    decoded = decode_scan(header + body, EPC)

    if isinstance(decoded, Decoded):
        assert decoded.epc is not None
        assert decode_epc(encode_epc(decoded.epc)) == decoded.epc
