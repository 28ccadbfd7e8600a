"""Signed documents with nothing but what is counted and sent: made by hand, with a signature that nobody verifies."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from signed_samples import RUT

from sincronizador.countries.uy.tipos import ZONE, TipoCfe

DIA = date(2026, 11, 20)
"""A Friday."""
CIERRE = datetime(2026, 11, 21, 0, 10, tzinfo=ZONE)
"""When its report is signed."""
VISPERA = DIA - timedelta(days=1)


@dataclass(frozen=True, kw_only=True)
class Firmado:
    """One of them."""

    tipo: int = 101
    serie: str = "A"
    numero: int = 1
    fecha: date = DIA
    firmado: datetime = datetime(2026, 11, 20, 15, 4, 5, tzinfo=ZONE)
    sucursal: str = "1"
    de_terceros: bool = False
    moneda: str = "UYU"
    cambio: str = ""
    montos: Mapping[str, str] = field(default_factory=dict)
    """Element of Totales -> amount."""
    refs: tuple[tuple[int, str, int], ...] = ()
    receptor: str = ""
    emisor: str = RUT

    @property
    def signed(self) -> bytes:
        """Its bytes."""
        root = TipoCfe(self.tipo).familia.value
        cambio = f"<TpoCambio>{self.cambio}</TpoCambio>" if self.cambio else ""
        montos = "".join(f"<{name}>{amount}</{name}>" for name, amount in self.montos.items())
        totales = "" if root == "eRem" else f"<TpoMoneda>{self.moneda}</TpoMoneda>{cambio}{montos}"
        terceros = "<IndPagCta3ros>1</IndPagCta3ros>" if self.de_terceros else ""
        refs = "".join(
            f"<Referencia><TpoDocRef>{tipo}</TpoDocRef><Serie>{serie}</Serie><NroCFERef>{numero}</NroCFERef></Referencia>"
            for tipo, serie, numero in self.refs
        )
        return (
            f'<CFE xmlns="http://cfe.dgi.gub.uy" version="1.0"><{root}>'
            f"<TmstFirma>{self.firmado.isoformat()}</TmstFirma><Encabezado>"
            f"<IdDoc><TipoCFE>{self.tipo}</TipoCFE><Serie>{self.serie}</Serie><Nro>{self.numero}</Nro>"
            f"<FchEmis>{self.fecha}</FchEmis>{terceros}</IdDoc>"
            f"<Emisor><RUCEmisor>{self.emisor}</RUCEmisor><CdgDGISucur>{self.sucursal}</CdgDGISucur></Emisor>"
            f"{self.receptor}<Totales>{totales}</Totales></Encabezado>"
            f"{f'<Referencia>{refs}</Referencia>' if refs else ''}</{root}>"
            '<Signature xmlns="http://www.w3.org/2000/09/xmldsig#"><SignedInfo><Reference>'
            "<DigestValue>AA==</DigestValue></Reference></SignedInfo></Signature></CFE>"
        ).encode()


def a_empresa(rut: str) -> str:
    """The Receptor of a company."""
    return (
        f"<Receptor><TipoDocRecep>2</TipoDocRecep><CodPaisRecep>UY</CodPaisRecep><DocRecep>{rut}</DocRecep></Receptor>"
    )


VENTA = {"MntNetoIVATasaBasica": "100.00", "IVATasaBasica": "22.000", "MntIVATasaBasica": "22.00", "MntTotal": "122.00"}
"""Totales of a sale of 100 and its IVA."""
