"""The font files: no font of the machine is relied upon."""

import importlib.util
import os

_OWN = os.path.join(os.path.dirname(__file__), "fonts")


def font_path() -> str:
    """DejaVu Sans Mono, which python-barcode carries along: monospaced, with accents, frames, Greek and Cyrillic."""
    found = importlib.util.find_spec("barcode")
    if found is None or found.origin is None:
        raise ModuleNotFoundError("python-barcode, which carries the font of pictures, is not installed")
    return os.path.join(os.path.dirname(found.origin), "fonts", "DejaVuSansMono.ttf")


def roboto_path(*, bold: bool) -> str:
    """Roboto, which this package carries: proportional, its figures of one width; Latin, Greek and Cyrillic."""
    return os.path.join(_OWN, f"Roboto-{'Bold' if bold else 'Regular'}.ttf")
