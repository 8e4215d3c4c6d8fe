"""SVG logos: made anew of the elements and attributes that only draw. Pure."""

import re
from collections.abc import Iterator, Mapping
from typing import Final
from xml.etree import ElementTree

from backend.identity.logos.rules import InvalidLogo, Logo

NAMESPACE: Final = "http://www.w3.org/2000/svg"
MOST_ELEMENTS: Final = 2_000
DEEPEST: Final = 30
# Left out with purpose: what runs (script, set, animate), what loads (image, use, foreignObject,
# feImage, a), what costs more than it says (use, pattern, filter).
_SHAPES: Final = frozenset(
    {"path", "rect", "circle", "ellipse", "line", "polyline", "polygon", "text"}
)
_ELEMENTS: Final = _SHAPES | {
    "svg", "g", "defs", "linearGradient", "radialGradient", "stop", "clipPath", "mask", "tspan",
    "title", "desc",
}  # fmt: skip
_PRESENTATION: Final = frozenset(
    {
        "fill", "fill-opacity", "fill-rule", "stroke", "stroke-width", "stroke-opacity",
        "stroke-linecap", "stroke-linejoin", "stroke-miterlimit", "stroke-dasharray",
        "stroke-dashoffset", "opacity", "clip-path", "clip-rule", "mask", "stop-color",
        "stop-opacity", "color", "display", "visibility", "font-family", "font-size",
        "font-weight", "font-style", "text-anchor", "letter-spacing",
    }
)  # fmt: skip
_ATTRIBUTES: Final = _PRESENTATION | {
    "id", "d", "x", "y", "x1", "y1", "x2", "y2", "cx", "cy", "r", "rx", "ry", "fx", "fy", "dx",
    "dy", "width", "height", "points", "transform", "viewBox", "preserveAspectRatio", "offset",
    "gradientUnits", "gradientTransform", "spreadMethod", "clipPathUnits", "maskUnits",
    "maskContentUnits",
}  # fmt: skip
_DOCTYPE: Final = re.compile(r"<!DOCTYPE[^\[\]<>]*>")
_LINK: Final = re.compile(r"url\s*\(", re.IGNORECASE)
_OWN_LINK: Final = re.compile(r"url\(\s*['\"]?#[\w.-]+['\"]?\s*\)")
_OWN: Final = re.compile(r"#[\w.-]+")
_NUMBER: Final = re.compile(r"\s*([0-9]*\.?[0-9]+)\s*(px)?\s*")
_RULE: Final = re.compile(r"([^{}]+)\{([^{}]*)\}")

Styles = Mapping[str, Mapping[str, str]]


def drawn(content: bytes) -> Logo:
    """Return an SVG of the parts that only draw.

    Raises:
        InvalidLogo: it is no SVG, too large, or nothing is left of it.
    """
    root = _parsed(content)
    elements = list(root.iter())
    if root.tag != f"{{{NAMESPACE}}}svg" or len(elements) > MOST_ELEMENTS:
        raise InvalidLogo(f"a logo is an <svg> of at most {MOST_ELEMENTS} elements")
    styles = {name: rule for one in elements if _name(one) == "style" for name, rule in _rules(one)}
    made = _copied(root, styles, 0)
    if made is None or not any(one.tag in _SHAPES for one in made.iter()):
        raise InvalidLogo("nothing in this SVG draws")
    made.set("xmlns", NAMESPACE)
    made.set("viewBox", _view_box(made))
    return Logo("svg", ElementTree.tostring(made))


def _parsed(content: bytes) -> ElementTree.Element:
    try:
        text = _DOCTYPE.sub("", content.decode("utf-8-sig"))
    except ValueError as exc:
        raise InvalidLogo("an SVG is written in UTF-8") from exc
    # Entities are declared in a DOCTYPE only: without one nothing can be multiplied.
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        raise InvalidLogo("an SVG declares no entities")
    try:
        return ElementTree.fromstring(text)
    except (ElementTree.ParseError, ValueError) as exc:
        raise InvalidLogo("this is neither a PNG nor an SVG") from exc


def _name(element: ElementTree.Element) -> str:
    return str(element.tag).removeprefix(f"{{{NAMESPACE}}}")


def _copied(element: ElementTree.Element, styles: Styles, depth: int) -> ElementTree.Element | None:
    """Return what of an element draws; None where nothing does."""
    name = _name(element)
    if name not in _ELEMENTS:
        return None
    if depth > DEEPEST:
        raise InvalidLogo(f"an SVG is at most {DEEPEST} elements deep")
    made = ElementTree.Element(name, dict(_attributes(element, styles)))
    made.text, made.tail = element.text, element.tail
    for one in element:
        child = _copied(one, styles, depth + 1)
        if child is not None:
            made.append(child)
    return made


def _attributes(element: ElementTree.Element, styles: Styles) -> Iterator[tuple[str, str]]:
    said = dict(element.attrib)
    for name in (said.get("class") or "").split():
        said |= styles.get(name, {})
    said |= _declarations(said.get("style") or "")
    for name, value in said.items():
        if name in _ATTRIBUTES and _stays_here(value):
            yield name, value
    link = said.get("href") or said.get("{http://www.w3.org/1999/xlink}href") or ""
    if _name(element).endswith("Gradient") and _OWN.fullmatch(link):
        yield "href", link


def _stays_here(value: str) -> bool:
    """Tell whether a value refers to nothing but other parts of the drawing."""
    return len(_LINK.findall(value)) == len(_OWN_LINK.findall(value)) and "\\" not in value


def _rules(style: ElementTree.Element) -> Iterator[tuple[str, dict[str, str]]]:
    """Return what plain rules say of classes, as drawing programs write them: `.a,.b{fill:red}`."""
    for selectors, body in _RULE.findall(style.text or ""):
        for one in selectors.split(","):
            if one.strip().startswith("."):
                yield one.strip()[1:], _declarations(body)


def _declarations(text: str) -> dict[str, str]:
    pairs = (one.partition(":") for one in text.split(";"))
    return {
        name.strip(): value.strip() for name, _, value in pairs if name.strip() in _PRESENTATION
    }


def _view_box(root: ElementTree.Element) -> str:
    """Return what is shown of the drawing; without it nobody could make it smaller."""
    if root.get("viewBox"):
        return root.attrib["viewBox"]
    width = _NUMBER.fullmatch(root.get("width", ""))
    height = _NUMBER.fullmatch(root.get("height", ""))
    if width is None or height is None:
        raise InvalidLogo("an SVG says its viewBox, or its width and height in pixels")
    return f"0 0 {width[1]} {height[1]}"
