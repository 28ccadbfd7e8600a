"""Where a claimed file came from, told by its name in ``procesando/`` alone."""

import os
import re
from dataclasses import dataclass

from sincronizador.core.dialect import LONGEST_EXTENSION
from sincronizador.core.job import BY_DOOR, stem_of

NAME_BYTES = 200
"""The longest name that is taken whole; a filesystem's names end at 255 bytes, and till and number must fit."""

_VALIDAR, _ENTRADA = "v", "e"
_LETTERS = f"{_VALIDAR}{_ENTRADA}{BY_DOOR}"
_CLAIMED = re.compile(rf"(.*)~([{_LETTERS}])[0-9a-f]{{12}}(?:~(.{{1,8}}))?(\.[^.]{{1,{LONGEST_EXTENSION}}})", re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Folder, till and name that a file was dropped with."""

    name: str
    """Undecodable bytes as surrogates."""
    till: str
    only_check: bool
    by_door: bool = False
    """The HTTP door dropped it."""

    @property
    def stem_key(self) -> tuple[bool, str, str]:
        """What files share whose answers have one name."""
        return self.only_check, self.till, stem_of(self.name).casefold()

    def claimed(self, unique: str) -> str:
        """
        The claimed name: ``V1.TXT`` -> ``V1~e0123456789ab~CAJA1.TXT``. `unique`: twelve hexadecimal digits.

        Of a name that is too long only the beginning is kept, and it is still too long when it is read back.
        """
        head, dot, tail = self.name.rpartition(".")
        stem, extension = head, dot + tail
        stem = os.fsdecode(os.fsencode(stem)[: NAME_BYTES + 1 - len(extension)])
        folder = BY_DOOR if self.by_door else _VALIDAR if self.only_check else _ENTRADA
        return f"{stem}~{folder}{unique}{'~' if self.till else ''}{self.till}{extension}"


def origin_of(claimed: str) -> Origin | None:
    """Where the file of that claimed name came from; None for a name that no claim made."""
    match = _CLAIMED.fullmatch(claimed)
    if match is None:
        return None
    stem, folder, till, extension = match.groups()
    return Origin(name=stem + extension, till=till or "", only_check=folder == _VALIDAR, by_door=folder == BY_DOOR)
