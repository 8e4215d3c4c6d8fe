import json

from backend.programs import decode


def test_a_case_label_is_explained_line_by_line(capsys):
    code = decode.main([r"]C1010950600013435210ABC\x1d21X1"])

    assert code == 0
    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert lines[:3] == [["GTIN", "09506000134352"], ["lot", "ABC"], ["serial", "X1"]]


def test_json_tells_the_same_to_programs(capsys):
    decode.main(["4006381333931", "--symbology", "]E0", "--json"])

    told = json.loads(capsys.readouterr().out)
    assert (told["decoded"], told["gtin"], told["expiresOn"]) == (True, "04006381333931", None)


def test_a_code_that_says_nothing_fails_and_says_why(capsys):
    assert decode.main(["4006381333932"]) == 1
    assert "check digit" in capsys.readouterr().out

    assert decode.main(["4006381333932", "--json"]) == 1
    assert json.loads(capsys.readouterr().out)["reason"] == "WRONG_CHECK_DIGIT"
