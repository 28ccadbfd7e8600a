"""What the rest of the house needs to know of a signed CFE. On the hot path: one parse, no search."""

from datetime import date
from decimal import Decimal
from functools import lru_cache

from sincronizador.core.emitido import Anexo, Emitido
from sincronizador.countries.uy.qr import qr_text, security_code
from sincronizador.countries.uy.signed import CFE, SignedCfe, Zone, moment_of, number_of, parse_signed, readable, texts
from sincronizador.countries.uy.tipos import REDONDEO, Familia, IndFact, TipoCfe

ALWAYS = {
    "NETO_BASICA": "MntNetoIVATasaBasica",
    "IVA_BASICA": "MntIVATasaBasica",
    "NETO_MINIMA": "MntNetoIvaTasaMin",
    "IVA_MINIMA": "MntIVATasaMin",
    "EXENTO": "MntNoGrv",
    "NO_FACTURABLE": "MontoNF",
    "TOTAL": "MntTotal",
    "A_PAGAR": "MntPagar",
}
"""Name in the answer -> element of Totales, for the amounts that every answer carries; zero where a type has none."""
NOT_ZERO = {
    "EXPORTACION": "MntExpoyAsim",
    "PERCIBIDO": "MntImpuestoPerc",
    "SUSPENSO": "MntIVaenSusp",
    "NETO_OTRA": "MntNetoIVAOtra",
    "IVA_OTRA": "MntIVAOtra",
    "RETENIDO": "MntTotRetenido",
    "CREDITO_FISCAL": "MntTotCredFisc",
}
"""The same for those it carries when they are not zero."""

_AMOUNT = {Familia.E_RESG: "MntTotRetenido", Familia.E_REM_EXP: "MntTotal"}
"""Where nothing is to be paid, the total that stands for the document, also in its QR."""


@lru_cache(maxsize=256)
def read_emitido(signed: bytes, anexo: Anexo) -> Emitido:
    """
    What the signed document and its annex say, with the amounts under the names of the answer.

    Raises `Rejected` E1901 for bytes that are not a signed CFE of a type issued here. The signature is not verified.
    """
    document = parse_signed(signed)
    with readable():
        return _emitido(document, signed, anexo)


def _emitido(document: SignedCfe, signed: bytes, anexo: Anexo) -> Emitido:
    id_doc = document.zone("Encabezado", "IdDoc")
    totales = document.zone("Encabezado", "Totales")
    receptor = document.zone("Encabezado", "Receptor")
    cae = document.zone("CAEData")
    rut = document.zone("Encabezado", "Emisor")["RUCEmisor"]
    tipo = TipoCfe(int(id_doc["TipoCFE"]))
    if document.body.tag != CFE + tipo.familia:
        raise ValueError(tipo)
    firmado = moment_of(texts(document.body)["TmstFirma"])
    # An e-Remito moves goods: it has neither amounts nor currency.
    moves = tipo.familia is Familia.E_REM
    total = Decimal(0) if moves else number_of(totales[_AMOUNT.get(tipo.familia, "MntPagar")])
    serie, numero = id_doc["Serie"], int(id_doc["Nro"])
    return Emitido(
        tipo=tipo,
        nombre=tipo.nombre,
        serie=serie,
        numero=numero,
        referencia=id_doc.get("NroInterno", ""),
        fecha=date.fromisoformat(id_doc["FchEmis"]),
        firmado=firmado,
        moneda="UYU" if moves else totales["TpoMoneda"],
        cotizacion=number_of(totales["TpoCambio"]) if "TpoCambio" in totales else None,
        total=total,
        importes=_importes(document, totales),
        codigo_seguridad=security_code(document.digest),
        hash=document.digest,
        qr=qr_text(
            rut=rut, tipo=tipo, serie=serie, numero=numero, monto=total, firmado=firmado, digest=document.digest
        ),
        cae=cae["CAE_ID"],
        cae_desde=int(cae["DNro"]),
        cae_hasta=int(cae["HNro"]),
        cae_vence=date.fromisoformat(cae["FecVenc"]),
        receptor=receptor.get("DocRecep") or receptor.get("DocRecepExt", ""),
        signed=signed,
        anexo=anexo,
        emisor=rut,
    )


def _importes(document: SignedCfe, totales: Zone) -> tuple[tuple[str, str], ...]:
    always = [(name, _two(totales.get(element, "0"))) for name, element in ALWAYS.items()]
    others = [(name, _two(totales[element])) for name, element in NOT_ZERO.items() if element in totales]
    others.append(("REDONDEO", f"{redondeo(document):.2f}"))
    return (*always, *(pair for pair in others if Decimal(pair[1])))


def redondeo(document: SignedCfe) -> Decimal:
    """Sum of the lines ``Redondeo``, with their sign; zero when there is none."""
    names = document.body.iterdescendants(CFE + "NomItem")
    parents = (name.getparent() for name in names if name.text == REDONDEO)
    items = (texts(item) for item in parents if item is not None)
    return sum((signed_amount(item) for item in items if is_redondeo(item)), Decimal(0))


def is_redondeo(item: Zone) -> bool:
    """Whether a line is the one that carries a missing cent, and not a thing sold under that name."""
    return item.get("NomItem") == REDONDEO and item.get("IndFact") in _NO_FACTURABLES


def signed_amount(item: Zone) -> Decimal:
    """MontoItem with the sign it counts with: negative for what is subtracted (IndFact 7, and 8 of an e-Remito)."""
    monto = number_of(item["MontoItem"])
    return -monto if is_subtracted(item) else monto


def is_subtracted(item: Zone) -> bool:
    """Whether a line takes away: its sign is printed instead of the code. Formato CFE v25.2, B-C4, note 6."""
    return item.get("IndFact") in _SUBTRACTED


_SUBTRACTED = frozenset(str(int(ind)) for ind in (IndFact.NO_FACTURABLE_NEGATIVO, IndFact.A_RESTAR, IndFact.A_ANULAR))
_NO_FACTURABLES = frozenset(str(int(ind)) for ind in (IndFact.NO_FACTURABLE, IndFact.NO_FACTURABLE_NEGATIVO))


def _two(text: str) -> str:
    return f"{number_of(text):.2f}"
