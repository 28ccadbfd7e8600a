"""The printable forms of a document, as files."""

from sincronizador.core.emitido import Emitido
from sincronizador.countries.door import Country
from sincronizador.countries.uy.signed import parse_signed
from sincronizador.printing.paper import CODE_PAGES, Paper

MEDIA_TYPES = {"pdf": "application/pdf", "roll": "image/png"}
"""Form -> what its file is."""

_ROLL = Paper(columns=48, page=CODE_PAGES["CP858"])


def render(country: Country, document: Emitido, form: str) -> bytes:
    """The PDF of a document, or the picture of its ticket on paper of 80 mm."""
    if form == "pdf":
        from sincronizador.printing.pdf import render_pdf

        return render_pdf(country.page(document, copy=False))
    from sincronizador.printing.escpos import encode
    from sincronizador.printing.preview import png

    return png(encode(country.ticket(document, copy=False), _ROLL), _ROLL)


def branch_of(signed: bytes) -> str:
    """The issuer's branch (CdgDGISucur) that a signed CFE names; raises `Rejected` for what is none."""
    return parse_signed(signed).zone("Encabezado", "Emisor").get("CdgDGISucur", "")
