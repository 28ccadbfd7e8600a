"""The checks of who receives, for whom it is sold, and whose goods travel."""

from collections.abc import Iterator, Mapping
from decimal import Decimal

from sincronizador.core.finding import Finding, Rule
from sincronizador.core.sections import Section
from sincronizador.countries.uy import codes, encrypted
from sincronizador.countries.uy.caso import Caso, Check
from sincronizador.countries.uy.comprobante import Comprobante, Mandante, Receptor, found
from sincronizador.countries.uy.threshold import TOPE_UI_E_TICKET, Lado, in_pesos, side
from sincronizador.countries.uy.tipos import Familia, Regimen, TipoCfe, TipoDoc
from sincronizador.countries.uy.totals import CREDITO_FISCAL
from sincronizador.countries.uy.values import plain, round_half_up

PAISES_DNI = ("AR", "BR", "CL", "PY")
_LARGO_NIE = 12
"""Digits at most; how its last one checks the others is not published."""

_ADD = "Agregue {}= en [RECEPTOR]."
_ADDRESS = ("NOMBRE", "DIRECCION", "CIUDAD")
_ABROAD = (*_ADDRESS, "DEPARTAMENTO", "NOMBRE_PAIS")
_OBLIGATORY: Mapping[Familia, tuple[str, ...]] = {
    Familia.E_TCK: (),
    Familia.E_FACT: ("DOCUMENTO", *_ADDRESS),
    Familia.E_FACT_EXP: _ABROAD,
    Familia.E_REM_EXP: _ABROAD,
    Familia.E_REM: ("DOCUMENTO", *_ADDRESS),
    Familia.E_RESG: ("DOCUMENTO", "NOMBRE"),
    Familia.E_BOLETA: ("DOCUMENTO", *_ADDRESS),
}
"""What each family says of its receiver; an e-Ticket, by `check_threshold`. Formato CFE v25.2, A60 to A66.1."""
_DE_MONEDA = (TipoDoc.NIE, TipoDoc.RUT, TipoDoc.NIFE)
"""How the principal of a purchase of foreign currency is known. Formato CFE v25.2, K-C2."""
_CON_MANDANTE = (Familia.E_TCK, Familia.E_FACT, Familia.E_BOLETA)
"""Families that may have a Complemento Fiscal; of the others the table tells that the section is foreign."""
_TAX_FREE = "80"


def check_receptor(caso: Caso) -> Iterator[Finding]:
    """To whom it is made out, as its type asks."""
    doc, receptor = caso.comprobante, caso.comprobante.receptor
    origen = receptor.origen if receptor else doc.origen
    kind = receptor.tipo_doc if receptor else None
    if receptor and kind is not None:
        yield from check_country(codes.RECEPTOR, origen, "", kind, receptor.pais, receptor.documento)
    wanted = _wanted(caso)
    if "DOCUMENTO" in wanted and doc.tipo.familia is Familia.E_FACT and kind is not TipoDoc.RUT:
        detail = f"Una {doc.tipo.nombre} va a nombre de un RUT y falta en [RECEPTOR]"
        hint = "Agregue DOCUMENTO con el RUT del cliente, o emita un e-Ticket."
        yield found(codes.RECEPTOR, origen, "DOCUMENTO", detalle=detail, sugerencia=hint)
        wanted = wanted[1:]
    elif doc.tipo.familia is Familia.E_FACT and kind is not None and kind is not TipoDoc.RUT:
        detail = f"Una {doc.tipo.nombre} va a nombre de un RUT, y el documento es {kind.name}"
        hint = "Quite TIPO_DOC, PAIS y DOCUMENTO de [RECEPTOR], o emita un e-Ticket."
        yield found(codes.RECEPTOR, origen, "DOCUMENTO", detalle=detail, sugerencia=hint)
    for field in wanted:
        if not _has(receptor, field):
            yield found(codes.RECEPTOR, origen, field, detalle=_lacks(field, doc.tipo), sugerencia=_ADD.format(field))


def _wanted(caso: Caso) -> tuple[str, ...]:
    """
    What must be said of the receiver.

    Under professional secrecy, only what the schema asks of an e-Remito that names anybody; and nothing for small
    purchases of foreign currency from who has no RUT.
    """
    doc, receptor = caso.comprobante, caso.comprobante.receptor
    if doc.secreto_profesional:
        return _ADDRESS if receptor and doc.tipo.familia is Familia.E_REM else ()
    has_rut = receptor is not None and receptor.tipo_doc is TipoDoc.RUT
    if doc.tipo.familia is Familia.E_BOLETA and doc.compra_moneda and not has_rut and _side(caso) is Lado.BAJO:
        return ()
    return _OBLIGATORY[doc.tipo.familia]


def _has(receptor: Receptor | None, field: str) -> bool:
    """Whether it is there; a document that could not be understood is reported already."""
    if receptor is None:
        return False
    return bool(getattr(receptor, field.lower()) or _is_written(receptor.origen, field))


def _is_written(origen: Section, field: str) -> bool:
    """Whether a document stands there, understood or not; zeros are none."""
    return field.endswith("DOCUMENTO") and bool(origen.text_of(field).strip(" 0.-/"))


def _lacks(field: str, tipo: TipoCfe) -> str:
    return f"Falta {field} en [RECEPTOR]: es un dato obligatorio de un comprobante de tipo {tipo.nombre}"


def check_country(
    rule: Rule, origen: Section, prefix: str, kind: TipoDoc, pais: str, documento: str
) -> Iterator[Finding]:
    """Whether a document's country is one that gives such documents, and a NIE is a number. Formato CFE v25.2, A61."""
    if kind.is_local and pais != "UY":
        detail = f"{prefix}PAIS dice {pais} y un documento {kind.name} es de Uruguay"
        hint = f"Quite {prefix}PAIS o corrija {prefix}TIPO_DOC."
        yield found(rule, origen, prefix + "PAIS", detalle=detail, sugerencia=hint)
    if kind is TipoDoc.NIE and not (documento.isascii() and documento.isdigit() and len(documento) <= _LARGO_NIE):
        detail = f"«{documento}» no es un NIE: son cifras, hasta {_LARGO_NIE}"
        hint = f"Corrija {prefix}DOCUMENTO o {prefix}TIPO_DOC."
        yield found(rule, origen, prefix + "DOCUMENTO", detalle=detail, sugerencia=hint)
    is_unreadable = not pais and bool(origen.text_of(prefix + "PAIS"))
    if kind is TipoDoc.DNI and pais not in PAISES_DNI and not is_unreadable:
        detail = "Un DNI es de Argentina, Brasil, Chile o Paraguay"
        hint = f"Agregue {prefix}PAIS=AR, BR, CL o PY; para otros países use PASAPORTE u OTRO."
        yield found(rule, origen, prefix + "PAIS", detalle=detail, sugerencia=hint)


def check_mandante(caso: Caso) -> Iterator[Finding]:
    """What is done for somebody else says for whom, and nothing else does. Formato CFE v25.2, zone K."""
    doc, mandante = caso.comprobante, caso.comprobante.mandante
    buys = doc.tipo.familia is Familia.E_BOLETA and doc.compra_moneda == "2"
    if doc.ilegibles & {"COMPRA_MONEDA", "SECRETO_PROFESIONAL"}:
        return
    if mandante is None:
        if buys or (doc.tipo.is_cuenta_ajena and doc.secreto_profesional != "2"):
            what = "Una compra de moneda por cuenta ajena" if buys else f"Un comprobante de tipo {doc.tipo.nombre}"
            detail = f"{what} dice por cuenta de quién y falta [MANDANTE]"
            hint = "Agregue [MANDANTE] con DOCUMENTO y NOMBRE."
            yield codes.MANDANTE.at(field="MANDANTE", line=doc.origen.line, detalle=detail, sugerencia=hint)
        return
    if not (buys or doc.tipo.is_cuenta_ajena):
        if mandante.cifrado or doc.tipo.familia in _CON_MANDANTE:
            detail = f"[MANDANTE] no va en un comprobante de tipo {doc.tipo.nombre}"
            hint = "Una venta por cuenta ajena es de tipo 131 a 133 o 141 a 143."
            if doc.tipo.familia is Familia.E_BOLETA:
                detail, hint = f"{detail} sin COMPRA_MONEDA=2", "Quite [MANDANTE], o agregue COMPRA_MONEDA=2."
            line = mandante.origen.line
            yield codes.MANDANTE.at(field="MANDANTE", line=line, detalle=detail, sugerencia=hint)
        return
    if mandante.cifrado:
        if trouble := encrypted.trouble(mandante.cifrado):
            yield codes.SEALED.at(field="EncryptedData", line=mandante.origen.line, detalle=trouble)
    else:
        yield from _clear(mandante, doc.emisor.rut)
        if buys and mandante.tipo_doc is not None and mandante.tipo_doc not in _DE_MONEDA:
            detail = "El mandante de una compra de moneda se identifica con RUT, NIE o NIFE"
            hint = "Corrija TIPO_DOC y DOCUMENTO en [MANDANTE]."
            yield found(codes.MANDANTE, mandante.origen, "TIPO_DOC", detalle=detail, sugerencia=hint)


def _clear(mandante: Mandante, rut: str) -> Iterator[Finding]:
    for field in ("DOCUMENTO", "NOMBRE"):
        if not getattr(mandante, field.lower()) and not _is_written(mandante.origen, field):
            hint = f"Agregue {field}= en [MANDANTE]."
            yield found(codes.MANDANTE, mandante.origen, field, detalle=f"Falta {field} del mandante", sugerencia=hint)
    if mandante.tipo_doc is not None:
        kind = mandante.tipo_doc
        yield from check_country(codes.MANDANTE, mandante.origen, "", kind, mandante.pais, mandante.documento)
    if mandante.documento == rut:
        hint = "El mandante es aquel por cuya cuenta se vende; una venta propia es de otro tipo."
        yield found(
            codes.MANDANTE, mandante.origen, "DOCUMENTO", detalle="El mandante no puede ser el emisor", sugerencia=hint
        )


def check_owner(caso: Caso) -> Iterator[Finding]:
    """Goods of somebody else travel with the owner's document, country and name. Formato CFE v25.2, A6.1 to A6.6."""
    traslado = caso.comprobante.traslado
    if traslado is None or not traslado.ajenos or not caso.comprobante.tipo.familia.is_remito:
        return
    for field, value in (("PROPIETARIO_DOCUMENTO", traslado.documento), ("PROPIETARIO_NOMBRE", traslado.nombre)):
        if not value and not _is_written(traslado.origen, field):
            detail, hint = f"Los bienes son de otro y falta {field}", f"Agregue {field}= en [TRASLADO]."
            yield found(codes.OWNER, traslado.origen, field, detalle=detail, sugerencia=hint)
    if traslado.tipo_doc is not None:
        kind, origen = traslado.tipo_doc, traslado.origen
        yield from check_country(codes.OWNER, origen, "PROPIETARIO_", kind, traslado.pais, traslado.documento)
        if kind is TipoDoc.NIE:
            hint = "Use su RUT, su CI, o PROPIETARIO_TIPO_DOC=OTRO."
            detail = "El dueño de los bienes no se identifica con NIE"
            yield found(codes.OWNER, origen, "PROPIETARIO_TIPO_DOC", detalle=detail, sugerencia=hint)


def check_secrecy(caso: Caso) -> Iterator[Finding]:
    """Only a principal has a principal's secrecy; what is kept secret is told in the adenda. Formato CFE v25.2, A18."""
    doc = caso.comprobante
    if doc.secreto_profesional == "2" and not doc.tipo.is_cuenta_ajena:
        detail = "SECRETO_PROFESIONAL=MANDANTE va solo en ventas por cuenta ajena"
        hint = "Use SECRETO_PROFESIONAL=SI, o un tipo 131 a 143."
        yield found(codes.SECRECY, doc.origen, "SECRETO_PROFESIONAL", detalle=detail, sugerencia=hint)
    elif doc.secreto_profesional and doc.compra_moneda == "2":
        detail = "Una compra de moneda por cuenta ajena (COMPRA_MONEDA=2) no tiene secreto profesional"
        yield found(
            codes.SECRECY, doc.origen, "SECRETO_PROFESIONAL", detalle=detail, sugerencia="Quite SECRETO_PROFESIONAL."
        )
    elif doc.secreto_profesional and doc.receptor is None and not caso.adenda:
        yield found(codes.SECRECY_UNTOLD, doc.origen, "SECRETO_PROFESIONAL")


def check_up_to_date(caso: Caso) -> Iterator[Finding]:
    """Only a principal has a principal's IVA al día, and a Monotributo pays none. Formato CFE v25.2, A17."""
    doc = caso.comprobante
    if doc.iva_al_dia in ("2", "3") and not doc.tipo.is_cuenta_ajena:
        detail = "IVA_AL_DIA habla del mandante y el comprobante no es por cuenta ajena"
        hint = "Use IVA_AL_DIA=SI o NO, o un tipo 131 a 143."
        yield found(codes.UP_TO_DATE, doc.origen, "IVA_AL_DIA", detalle=detail, sugerencia=hint)
    if doc.iva_al_dia and caso.regimen in (Regimen.MONOTRIBUTO, Regimen.MONOTRIBUTO_MIDES):
        detail = "Un emisor de Monotributo no dice si está al día con el IVA"
        yield found(codes.UP_TO_DATE, doc.origen, "IVA_AL_DIA", detalle=detail, sugerencia="Quite IVA_AL_DIA.")


def check_threshold(caso: Caso) -> Iterator[Finding]:
    """Above 5,000 UI, or with withholdings, an e-Ticket says to whom."""
    doc = caso.comprobante
    is_identified = doc.receptor is not None and doc.receptor.is_identified
    if doc.calculo is None or is_identified or doc.secreto_profesional or not doc.tipo.is_e_ticket:
        return
    origen = doc.receptor.origen if doc.receptor else doc.origen
    if caso.free_shop:
        yield found(codes.FREE_SHOP, origen, "DOCUMENTO")
        return
    if doc.modalidad == _TAX_FREE:
        yield found(codes.TAX_FREE_UNIDENTIFIED, origen, "DOCUMENTO")
    if any(not codigo.startswith(CREDITO_FISCAL) for codigo, _ in doc.calculo.totales.retenciones):
        yield found(codes.RETENTION_UNIDENTIFIED, origen, "DOCUMENTO")
    neto, year, ui = plain(_net_in_pesos(doc) or Decimal(0)), doc.fecha.year, caso.ajustes.ui
    match _side(caso):
        case Lado.ALTO:
            tope = plain(round_half_up(TOPE_UI_E_TICKET * ui[year]))
            yield found(codes.OVER_LIMIT, origen, "DOCUMENTO", neto=neto, tope=tope)
        case Lado.DUDOSO:
            yield found(codes.UI_UNKNOWN, origen, "DOCUMENTO", neto=neto, anio=year, cierre=year - 1)


def _side(caso: Caso) -> Lado | None:
    """On which side of the threshold; None without an amount in pesos."""
    neto = _net_in_pesos(caso.comprobante)
    return None if neto is None else side(neto, caso.comprobante.fecha.year, caso.ajustes.ui)


def _net_in_pesos(doc: Comprobante) -> Decimal | None:
    if doc.calculo is None or (doc.moneda != "UYU" and doc.cotizacion is None):
        return None
    return in_pesos(doc.calculo.totales.neto, doc.cotizacion if doc.moneda != "UYU" else None)


CHECKS: tuple[Check, ...] = (
    check_receptor,
    check_threshold,
    check_mandante,
    check_owner,
    check_secrecy,
    check_up_to_date,
)
