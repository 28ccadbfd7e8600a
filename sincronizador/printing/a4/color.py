"""The issuer's colour, made fit for rules and headings on white paper."""

RGB = tuple[float, float, float]
"""Shares of red, green and blue, 0..1."""
BLACK: RGB = (0.0, 0.0, 0.0)
CONTRAST = 4.5
"""Least contrast with white at which small letters are read well. WCAG 2, level AA."""
_STEP = 0.95


def accent(color: str) -> RGB:
    """A colour ``#rrggbb`` as it is, or as much darker as it takes to be read on white; black for an empty one."""
    if not color:
        return BLACK
    red, green, blue = (int(color[at : at + 2], 16) / 255 for at in (1, 3, 5))
    rgb = red, green, blue
    while contrast(rgb) < CONTRAST:
        red, green, blue = rgb
        rgb = red * _STEP, green * _STEP, blue * _STEP
    return rgb


def contrast(rgb: RGB) -> float:
    """How a colour stands out from white, 1 to 21."""
    red, green, blue = map(_linear, rgb)
    return 1.05 / (0.2126 * red + 0.7152 * green + 0.0722 * blue + 0.05)


def _linear(share: float) -> float:
    return float(share / 12.92 if share <= 0.03928 else ((share + 0.055) / 1.055) ** 2.4)
