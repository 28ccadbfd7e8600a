"""What lies in the paper tray: QR codes out of printer bytes and out of pictures."""

import io
import re

import zxingcpp
from PIL import Image

STORE_QR = re.compile(rb"\x1d\(k(..)1P0", re.DOTALL)


def printed_qr(page: bytes) -> str | None:
    """The text of the QR that these printer bytes store (``GS ( k`` 180); None when there is none."""
    found = STORE_QR.search(page)
    if found is None:
        return None
    length = int.from_bytes(found[1], "little") - 3
    return page[found.end() : found.end() + length].decode()


def is_copy(page: bytes) -> bool:
    """Whether the paper says that it is a copy."""
    return b"COPIA" in page


def picture_qr(content: bytes) -> str | None:
    """The text of the QR in a picture, read by zxing-cpp; None when it finds none."""
    with Image.open(io.BytesIO(content)) as image:
        found = zxingcpp.read_barcodes(image.convert("L"), formats=zxingcpp.BarcodeFormat.QRCode)
    return found[0].text if found else None


def number_in(qr: str) -> tuple[int, str, int]:
    """Type, series and number that a QR says."""
    parts = qr.partition("?")[2].split(",")
    return int(parts[1]), parts[2], int(parts[3])
