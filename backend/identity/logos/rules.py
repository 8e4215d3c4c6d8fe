"""What a logo is: a small PNG or SVG. Pure."""

from dataclasses import dataclass
from typing import Final, Literal

from backend.core.errors import Invalid

MOST_BYTES: Final = 200_000


class InvalidLogo(Invalid):
    """What was uploaded is no picture that a logo can be."""

    code = "INVALID_LOGO"

    def __init__(self, why: str) -> None:
        super().__init__(why, field=["input", "content"])


@dataclass(frozen=True, slots=True)
class Logo:
    """A picture that only draws: no script, no animation, nothing from elsewhere."""

    format: Literal["png", "svg"]
    content: bytes

    @property
    def media_type(self) -> str:
        """Return its media type."""
        return "image/png" if self.format == "png" else "image/svg+xml"
