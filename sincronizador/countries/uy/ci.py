"""The identity card: cédula de identidad."""

_WEIGHTS = (2, 9, 8, 7, 6, 3, 4)


def check_ci(digits: str) -> bool:
    """Whether these are the seven or eight digits of a cédula, the last one checking the others (DNIC, modulus 10)."""
    if len(digits) not in (7, 8) or not (digits.isascii() and digits.isdigit()):
        return False
    padded = digits.zfill(8)
    total = sum(int(digit) * weight for digit, weight in zip(padded, _WEIGHTS, strict=False))
    return -total % 10 == int(padded[7])
