"""Sales for the tests of the law: an invented issuer, TXT in, documents out."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

from lxml import etree

from sincronizador.core.finding import Finding
from sincronizador.core.numbering import Folio, Rango
from sincronizador.core.request import Known, Request
from sincronizador.countries.uy.emisor import Ajustes, Emisor
from sincronizador.countries.uy.fields import VOCABULARY
from sincronizador.countries.uy.uruguay import Uruguay
from sincronizador.formats.txt import parse

HOY = date(2026, 11, 21)
AHORA = datetime(2026, 11, 21, 18, 4, 5, tzinfo=UTC)
RUT, OTRO_RUT = "217777770013", "215555550010"
EMISOR = Emisor(
    rut=RUT,
    razon_social="EMPRESA INVENTADA & CÍA.",
    sucursal="1",
    domicilio="Calle Inventada 1234",
    ciudad="MONTEVIDEO",
    departamento="MONTEVIDEO",
    web="www.ejemplo.com.uy",
    resolucion="Res. 1/2026",
)
NS = "{http://cfe.dgi.gub.uy}"
FACTURADO = f"[RECEPTOR]\nDOCUMENTO={OTRO_RUT}\nNOMBRE=Cliente\nDIRECCION=Calle 1\nCIUDAD=Salto\n"


def uruguay(*, regimen: str = "general", free_shop: bool = False, **ajustes: object) -> Uruguay:
    """The country with these settings."""
    emisor = replace(EMISOR, regimen=regimen, free_shop=free_shop)
    return Uruguay(emisor, Ajustes(**{"ui": {2026: Decimal("6.40")}, **ajustes}))  # type: ignore[arg-type]


def pedido(text: str, **ajustes: object) -> Request:
    """The request that a TXT makes; the form of the TXT itself must be right."""
    reading = parse(text + "\n[FIN]\n", VOCABULARY, "utf-8")
    assert reading.findings == ()
    return uruguay(**ajustes).read(reading.sections, HOY)


def hallazgos(request: Request, known: Known | None = None, **ajustes: object) -> Sequence[Finding]:
    """All that is wrong with it."""
    return uruguay(**ajustes).check(request, known or {}, HOY)


def errores(text: str, known: Known | None = None, **ajustes: object) -> list[str]:
    """Codes of the errors of a TXT."""
    found = hallazgos(pedido(text, **ajustes), known, **ajustes)
    return [finding.code for finding in found if finding.is_error]


def avisos(text: str, **ajustes: object) -> list[str]:
    """Codes of its warnings."""
    found = hallazgos(pedido(text, **ajustes), **ajustes)
    return [finding.code for finding in found if not finding.is_error]


def folio(tipo: int, numero: int = 7) -> Folio:
    """A number of an invented range."""
    rango = Rango(id="90260000001", tipo=tipo, serie="A", desde=1, hasta=1000, vence=date(2028, 11, 21))
    return Folio(rango=rango, numero=numero)


def completo(request: Request, known: Known | None = None) -> bytes:
    """The document, ready to sign."""
    country = uruguay()
    return country.complete(country.draft(request, known or {}), request.folio or folio(request.tipo), AHORA)


def emitir(text: str, known: Known | None = None, **ajustes: object) -> etree._Element:
    """The document of a TXT without errors, parsed."""
    request = pedido(text, **ajustes)
    wrong = [finding for finding in hallazgos(request, known, **ajustes) if finding.is_error]
    assert wrong == []
    return etree.fromstring(completo(request, known))


def valores(root: etree._Element, name: str) -> list[str]:
    """Texts of all elements of that name."""
    return [element.text or "" for element in root.iter(NS + name)]


def venta(*items: str, tipo: str = "101", resto: str = "", **documento: str) -> str:
    """A TXT with these lines."""
    fields = {"TIPO": tipo, "REFERENCIA": "V1", "FORMA_PAGO": "CONTADO", **documento}
    head = "".join(f"{name}={value}\n" for name, value in fields.items())
    return f"[DOCUMENTO]\n{head}" + "".join(f"[ITEM]\n{item}\n" for item in items) + resto


def item(precio: str, iva: str = "BASICA", **fields: str) -> str:
    """A line."""
    return "\n".join((f"DETALLE=Artículo\nPRECIO={precio}\nIVA={iva}", *(f"{k}={v}" for k, v in fields.items())))
