"""The tax number: RUT, which DGI also calls RUC."""

_WEIGHTS = (4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2)


def check_rut(digits: str) -> bool:
    """Whether these are the twelve digits of a RUT. DGI, modulus 11; none asks for a check digit of 10."""
    if len(digits) != 12 or not (digits.isascii() and digits.isdigit()):
        return False
    remainder = sum(int(digit) * weight for digit, weight in zip(digits, _WEIGHTS, strict=False)) % 11
    return (11 - remainder) % 11 == int(digits[11])
