import json
import string
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from biip import BiipException, EncodeError, ParseError
from hypothesis import given, strategies as st

from backend.core.identifiers import (
    Decoded,
    Fault,
    Gtin,
    InvalidGtin,
    Undecodable,
    check_digit,
    decode_scan,
)

VECTORS = Path(__file__).resolve().parents[4] / "shared" / "vectors" / "edge_vectors.json"
TEA = "09506000134352"
VARYING = "9" + TEA[1:13] + check_digit("9" + TEA[1:13])


def read(code):
    decoded = decode_scan(code)
    assert isinstance(decoded, Decoded)
    return decoded


def vectors(kind):
    if not VECTORS.exists():
        return [pytest.param(None, marks=pytest.mark.skip("the published vectors are not here"))]
    return [pytest.param(one, id=one["scan"]) for one in json.loads(VECTORS.read_text())[kind]]


@pytest.mark.parametrize("vector", vectors("gs1"))
def test_a_published_code_decodes_as_published(vector):
    expected = vector["expect"]

    decoded = decode_scan(vector["scan"])

    assert isinstance(decoded, Decoded)
    if expected[0][0] == "gtin":
        assert decoded.gtin == Gtin(expected[0][1])
    else:
        assert [list(one) for one in decoded.elements] == expected


@pytest.mark.parametrize("vector", vectors("gs1_invalid"))
def test_a_published_bad_code_never_says_more_than_a_right_gtin(vector):
    decoded = decode_scan(vector["scan"])

    if isinstance(decoded, Decoded):
        assert decoded == Decoded(Gtin(vector["scan"]))
    else:
        assert decoded.explanation


@pytest.mark.parametrize(
    ("text", "gtin"),
    [
        ("96385074", "00000096385074"),
        ("042100005264", "00042100005264"),
        ("4006381333931", "04006381333931"),
        ("09506000134352", "09506000134352"),
        (" 4006381333931\n", "04006381333931"),
    ],
)
def test_a_gtin_has_fourteen_digits_however_it_is_printed(text, gtin):
    assert Gtin(text) == gtin


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", Fault.NOT_DIGITS),
        ("40063813339x1", Fault.NOT_DIGITS),
        ("4006381333\uff1931", Fault.NOT_DIGITS),
        ("123456789", Fault.WRONG_LENGTH),
        ("4006381333932", Fault.WRONG_CHECK_DIGIT),
        ("00000000", Fault.ALL_ZEROS),
    ],
)
def test_what_is_no_gtin_says_why(text, fault):
    with pytest.raises(InvalidGtin) as raised:
        Gtin(text, field=["gtin"])

    assert raised.value.fault is fault
    assert raised.value.extensions == {
        "code": "INVALID_GTIN",
        "field": ["gtin"],
        "value": text,
        "reason": fault.value,
    }


@given(st.text("0123456789", min_size=13, max_size=13).filter(lambda text: text.strip("0")))
def test_a_payload_with_its_check_digit_is_a_gtin_that_prints_and_reads_back(payload):
    gtin = Gtin(payload + check_digit(payload))

    assert Gtin(gtin.shortest) == gtin
    assert decode_scan(str(gtin)) == Decoded(gtin)
    assert read(f"]C101{gtin}").gtin == gtin


@given(
    st.text("0123456789", min_size=13, max_size=13),
    st.integers(0, 12),
    st.integers(1, 9),
)
def test_one_wrong_digit_is_always_noticed(payload, place, shift):
    digit = str((int(payload[place]) + shift) % 10)
    wrong = payload[:place] + digit + payload[place + 1 :] + check_digit(payload)

    assert decode_scan(wrong, "]I1") == Undecodable(Fault.WRONG_CHECK_DIGIT)


@pytest.mark.parametrize(
    ("code", "symbology"),
    [
        pytest.param("4006381333931", "]E0", id="EAN-13"),
        pytest.param("4006381333931", "E0", id="identifier without its flag"),
        pytest.param("]E04006381333931", "]E0", id="identifier said twice"),
        pytest.param("]E04006381333931", "ean13", id="identifier that is none beside the code's"),
        pytest.param("]E3400638133393112345", None, id="EAN-13 with add-on"),
        pytest.param("]I104006381333931", None, id="ITF-14"),
        pytest.param("]C04006381333931", None, id="plain Code 128"),
        pytest.param("]A04006381333931", None, id="Code 39"),
        pytest.param("https://id.example/01/4006381333931", None, id="Digital Link, no identifier"),
        pytest.param("]d1http://id.example/x/01/04006381333931", None, id="Digital Link in a path"),
        pytest.param("\x024006381333931\x03", None, id="framing left on"),
        pytest.param("]C1\x1d0104006381333931\x1d", None, id="FNC1 before and after"),
    ],
)
def test_a_code_is_decoded_by_its_symbology(code, symbology):
    decoded = decode_scan(code, symbology)

    assert isinstance(decoded, Decoded)
    assert decoded.gtin == "04006381333931"


@pytest.mark.parametrize(
    ("code", "symbology", "fault"),
    [
        pytest.param("", None, Fault.EMPTY, id="nothing"),
        pytest.param("]", None, Fault.NOT_DIGITS, id="a bracket"),
        pytest.param("]C1\x1d", None, Fault.EMPTY, id="FNC1 only"),
        pytest.param("", "]y0", Fault.UNKNOWN_SYMBOLOGY, id="unknown identifier, no data"),
        pytest.param("]y04006381333931", None, Fault.UNKNOWN_SYMBOLOGY, id="unknown identifier"),
        pytest.param("]E112", None, Fault.NO_IDENTIFIER, id="two-digit add-on"),
        pytest.param("]E91234567", None, Fault.UNKNOWN_SYMBOLOGY, id="unknown EAN modifier"),
        pytest.param("]E0400638133393112", None, Fault.WRONG_LENGTH, id="EAN with 15 digits"),
        pytest.param("96385074", "]E0", Fault.WRONG_LENGTH, id="EAN-8 as EAN-13"),
        pytest.param("1" * 4097, "]Q1", Fault.TOO_LONG, id="longer than any code"),
        pytest.param("0104006381333931", None, Fault.WRONG_LENGTH, id="unmarked element string"),
        pytest.param("]C10104006381333931XX", None, Fault.MALFORMED, id="unknown AI"),
        pytest.param("]C1310X000123", None, Fault.MALFORMED, id="AI that is none"),
        pytest.param("]C110LOT", None, Fault.NO_IDENTIFIER, id="a lot of nothing"),
        pytest.param("]C10100000000000000", None, Fault.ALL_ZEROS, id="zeros"),
        pytest.param(f"]C101{TEA}0104006381333931", None, Fault.AMBIGUOUS, id="two items"),
        pytest.param("]C100106141412345678909", None, Fault.WRONG_CHECK_DIGIT, id="SSCC"),
        pytest.param("]Q1https://[", None, Fault.MALFORMED, id="no URI"),
        pytest.param("]E02112345678901|]e099X", None, Fault.WRONG_CHECK_DIGIT, id="composite"),
        pytest.param("caf\u00e9", None, Fault.NOT_DIGITS, id="text"),
    ],
)
def test_a_code_that_says_nothing_says_why(code, symbology, fault):
    assert decode_scan(code, symbology) == Undecodable(fault)


def test_a_case_label_tells_lot_dates_serial_and_weight():
    decoded = read(f"]C101{TEA}3103001250172602001526013110LOT-7\x1d21SER/9")

    assert decoded.lot == "LOT-7"
    assert decoded.serial == "SER/9"
    assert decoded.expires_on == date(2026, 2, 28)
    assert decoded.best_before == date(2026, 1, 31)
    assert decoded.net_weight_kg == Decimal("1.25")


def test_a_date_that_is_none_does_not_hide_the_item():
    decoded = read(f"]C101{TEA}17000000")

    assert (decoded.gtin, decoded.expires_on) == (TEA, None)


@pytest.mark.parametrize(
    ("elements", "units"),
    [(f"02{TEA}3724", 24), (f"01{TEA}306", 6), (f"02{TEA}370", None), (f"01{TEA}", None)],
)
def test_a_content_given_in_the_code_is_told(elements, units):
    assert read(f"]C1{elements}").units == units


def test_a_parcel_is_no_trade_item():
    decoded = read("]C100106141412345678908")

    assert (decoded.gtin, decoded.sscc) == (None, "106141412345678908")


@given(
    st.sampled_from(["]C1", "]e0", "]d2", "]Q3", "]J1", "]Q1", "]E0", "]E4", "]Q1https://x/", ""]),
    st.text(string.printable + "\x1d\x00é", max_size=60),
)
def test_no_scan_however_garbled_breaks_the_decoder(prefix, data):
    assert isinstance(decode_scan(prefix + data), Decoded | Undecodable)


@pytest.mark.parametrize(
    ("code", "accepted"),
    [
        pytest.param("4006381333931", (), id="a GTIN is no (400)"),
        pytest.param("96385074", (), id="a GTIN-8 is no (96)"),
        pytest.param("2112340012345", Fault.WRONG_CHECK_DIGIT, id="a misread GTIN is no (21)"),
        pytest.param("]C1010950600013435310L1", Fault.WRONG_CHECK_DIGIT, id="a wrong (01)"),
        pytest.param("]C102095060001343533706", Fault.WRONG_CHECK_DIGIT, id="a wrong (02)"),
        pytest.param("]C100106141412345678909", Fault.WRONG_CHECK_DIGIT, id="a wrong (00)"),
        pytest.param("]C1", Fault.EMPTY, id="no data behind ]C1"),
        pytest.param("]e0", Fault.EMPTY, id="no data behind ]e0"),
        pytest.param("]XX", Fault.EMPTY, id="no data behind ]XX"),
        pytest.param(f"]J101{TEA}", (("01", TEA),), id="GS1 DotCode"),
        pytest.param(f"]Q1https://x.org/01/{TEA}", (("01", TEA),), id="a link in a plain QR code"),
        pytest.param(
            "]E02112345678900|]e099X", (("01", "02112345678900"), ("99", "X")), id="composite"
        ),
        pytest.param(
            f"]C101{TEA}10ABC12399TESTING",
            (("01", TEA), ("10", "ABC12399TESTING")),
            id="a lot without FNC1 goes on: nobody can tell",
        ),
    ],
)
def test_a_trap_of_the_library_is_closed(code, accepted):
    decoded = decode_scan(code)

    if isinstance(decoded, Decoded):
        assert decoded.elements == accepted
    else:
        assert decoded.reason is accepted


def test_a_code_is_also_told_as_link_and_epc_uri():
    label = read(f"]C101{TEA}10L/1\x1d21XY")
    bare = read(TEA)

    assert label.digital_link == f"https://id.gs1.org/01/{TEA}/10/L%2F1/21/XY"
    assert label.epc_uri == "urn:epc:id:sgtin:95060001343.05.XY"
    assert label.epc_class_uri == "urn:epc:class:lgtin:95060001343.05.L%2F1"
    assert bare.digital_link == f"https://id.gs1.org/01/{TEA}"
    assert (bare.epc_uri, bare.epc_class_uri) == (None, "urn:epc:idpat:sgtin:95060001343.05.*")


def test_a_link_puts_what_is_no_key_behind_it():
    dated = read(f"]C101{TEA}17260228")
    parcel = read("]C100106141412345678908")

    assert dated.digital_link == f"https://id.gs1.org/01/{TEA}?17=260228"
    assert parcel.epc_uri == "urn:epc:id:sscc:0614141.1234567890"
    assert parcel.epc_class_uri is None


@pytest.mark.parametrize("code", ["96385074", "]C102095060001343523712"])
def test_what_has_no_known_prefix_or_key_is_told_without(code):
    decoded = read(code)

    assert decoded.epc_uri is None
    assert decoded.epc_class_uri is None or decoded.digital_link is None


def test_the_weight_of_a_trade_item_counts_only_where_it_varies():
    fixed = read(f"]C101{TEA}3103001250")
    varying = read(f"]C101{VARYING}31030012503922999")

    assert (fixed.units, fixed.net_weight_kg) == (None, Decimal("1.25"))
    assert (varying.units, varying.price) == (Decimal("1.25"), Decimal("9.99"))


def test_every_error_of_the_library_is_known():
    assert set(BiipException.__subclasses__()) == {EncodeError, ParseError}
