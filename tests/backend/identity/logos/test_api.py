"""The organisation's logo through GraphQL."""

from base64 import b64decode, b64encode

from tests.backend.identity.logos.test_drawn import SHAPE, drawing, picture

CHANGE = """
mutation ($input: ChangeLogoInput!) { changeLogo(input: $input) { organisation { logo } } }
"""
LOGO = "{ organisation { logo } }"


def content(bytes_):
    return {"input": {"content": b64encode(bytes_).decode()}}


async def test_a_logo_is_kept_changed_and_taken_away(graphql):
    first = await graphql(CHANGE, content(picture()))
    second = await graphql(CHANGE, content(drawing(SHAPE)))
    kept = await graphql(LOGO)

    gone = await graphql(CHANGE, {"input": {"content": None}})

    kind, _, encoded = first["data"]["changeLogo"]["organisation"]["logo"].partition(",")
    assert (kind, b64decode(encoded)) == ("data:image/png;base64", picture())
    logo = second["data"]["changeLogo"]["organisation"]["logo"]
    assert logo.startswith("data:image/svg+xml;base64,")
    assert kept["data"]["organisation"]["logo"] == logo
    assert gone["data"]["changeLogo"]["organisation"]["logo"] is None


async def test_what_is_no_picture_changes_nothing(graphql):
    await graphql(CHANGE, content(picture()))

    refused = await graphql(CHANGE, content(b"MZ"))
    encoded = await graphql(CHANGE, {"input": {"content": "not base64"}})

    codes = [answer["errors"][0]["extensions"]["code"] for answer in (refused, encoded)]
    assert codes == ["INVALID_LOGO", "INVALID_LOGO"]
    assert (await graphql(LOGO))["data"]["organisation"]["logo"]
