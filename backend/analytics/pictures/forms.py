"""Which form of an answer an Accept header asks for. Pure."""

from enum import StrEnum

from backend.analytics.errors import NotAcceptable


class Form(StrEnum):
    """What a picture comes as; what is liked best where a client likes all the same, first."""

    PNG = "image/png"
    SVG = "image/svg+xml"
    JSON = "application/json"


def form_for(accept: str) -> Form:
    """Return the form a client likes best (RFC 9110 §12.5.1); nothing said: PNG.

    Raises:
        NotAcceptable: it takes none of them.
    """
    liked: dict[str, float] = {}
    for part in accept.split(","):
        kind, *parameters = (piece.strip().lower() for piece in part.split(";"))
        if kind:
            liked[kind] = max(liked.get(kind, 0.0), _quality(parameters))
    if not liked:
        return Form.PNG
    best = max(Form, key=lambda form: _liking(form, liked))
    if _liking(best, liked) <= 0:
        raise NotAcceptable(f"it comes as {', '.join(Form)}", field=["Accept"], value=accept[:60])
    return best


def _liking(form: Form, liked: dict[str, float]) -> float:
    group = form.value.split("/")[0] + "/*"
    for kind in (form.value, group, "*/*"):
        if kind in liked:
            return liked[kind]
    return 0.0


def _quality(parameters: list[str]) -> float:
    for one in parameters:
        name, _, value = one.partition("=")
        if name == "q":
            try:
                return min(max(float(value), 0.0), 1.0)
            except ValueError:
                return 0.0
    return 1.0
