import json

import pytest

from backend.programs import decode

TAG = "3074257BF7194E4000001A85"


def told(capsys):
    return json.loads(capsys.readouterr().out)


def test_a_case_label_is_explained_line_by_line(capsys):
    code = decode.main([r"]C1010950600013435210ABC\x1d21X1"])

    assert code == 0
    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert lines[:3] == [["GTIN", "09506000134352"], ["serial", "X1"], ["lot", "ABC"]]
    assert ["(10)", "ABC"] in lines


def test_json_tells_the_same_to_programs(capsys):
    code = decode.main([r"]C1010950600013435210ABC\x1d21X1", "--json"])

    answer = told(capsys)
    assert code == 0
    assert answer["applicationIdentifiers"] == {"01": "09506000134352", "10": "ABC", "21": "X1"}
    assert (answer["gtin"], answer["lot"], answer["serial"]) == ("09506000134352", "ABC", "X1")
    assert answer["digitalLink"] == "https://id.gs1.org/01/09506000134352/10/ABC/21/X1"
    assert answer["epcUri"] == "urn:epc:id:sgtin:95060001343.05.X1"
    assert "error" not in answer


def test_a_bare_gtin_is_told_in_full(capsys):
    decode.main(["4006381333931", "--symbology", "]E0", "--json"])

    answer = told(capsys)
    assert answer["applicationIdentifiers"] == {"01": "04006381333931"}
    assert answer["digitalLink"] == "https://id.gs1.org/01/04006381333931"
    assert answer["epcUri"] is None


def test_a_tag_is_told_as_uri_and_link(capsys):
    code = decode.main(["--hex", TAG, "--json"])

    answer = told(capsys)
    assert code == 0
    assert answer["epcScheme"] == "sgtin-96"
    assert (answer["gtin"], answer["serial"]) == ("80614141123458", "6789")
    assert answer["epcUri"] == "urn:epc:id:sgtin:0614141.812345.6789"
    assert answer["epcClassUri"] == "urn:epc:idpat:sgtin:0614141.812345.*"
    assert answer["digitalLink"] == "https://id.gs1.org/01/80614141123458/21/6789"


def test_a_weight_is_told_by_the_layouts_given(capsys):
    code = ["2812347012503", "--in-store", "28IIIIVWWWWW", "--json"]

    assert decode.main(code) == 0

    assert (answer := told(capsys))["netWeightKg"] == "1.250"
    assert answer["gtin"] == "02812340000002"


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["4006381333932"], "WRONG_CHECK_DIGIT", "check digit"),
        (["--hex", "E28011606000020F5A3B0D1C"], "UNKNOWN_SCHEME", "EPC scheme"),
    ],
)
def test_what_says_nothing_fails_and_says_why(capsys, arguments, code, words):
    assert decode.main(arguments) == 1
    assert words in capsys.readouterr().out

    assert decode.main([*arguments, "--json"]) == 1
    error = told(capsys)["error"]
    assert error["code"] == code
    assert words in error["reason"]


@pytest.mark.parametrize(
    "arguments", [[], ["1", "--hex", "30"], ["2812347012503", "--in-store", "99XX"]]
)
def test_wrong_use_is_refused(capsys, arguments):
    with pytest.raises(SystemExit) as raised:
        decode.main(arguments)

    assert raised.value.code == 2
