"""The Complemento Fiscal of a draft, sealed so that only DGI reads for whom it was sold. Formato CFE v25.2, zone K."""

import re
from collections.abc import Callable

from sincronizador.countries.uy.elements import NAMESPACE

_DATA = re.compile(rb"<Compl_Fiscal_Data>(.*)</Compl_Fiscal_Data>(?=</Compl_Fiscal>)", re.DOTALL)
_SEALED = re.compile(rb"(?<=<Compl_Fiscal>)<(\w+:)?EncryptedData .*EncryptedData>(?=</Compl_Fiscal>)", re.DOTALL)
_OPENING = f'<Compl_Fiscal_Data xmlns="{NAMESPACE}">'.encode()


def sealed(draft: bytes, encrypt: Callable[[bytes], bytes]) -> bytes:
    """The draft with what `encrypt` makes of its Compl_Fiscal_Data; the same where there is none in clear."""
    return _DATA.sub(lambda found: encrypt(_OPENING + found[1] + b"</Compl_Fiscal_Data>"), draft, count=1)


def blinded(draft: bytes) -> bytes:
    """The draft with nothing in its Complemento Fiscal, if that is sealed."""
    return _SEALED.sub(b"", draft, count=1)
