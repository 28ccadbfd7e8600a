"""The checks of who receives, for whom it is sold, and whose goods travel."""

from collections.abc import Iterator, Mapping
from decimal import Decimal

from sincronizador.core.emitido import Emitido
from sincronizador.core.finding import Finding, Rule
from sincronizador.core.sections import Section
from sincronizador.countries.uy import codes
from sincronizador.countries.uy.caso import Caso, Check
from sincronizador.countries.uy.comprobante import Mandante, found
from sincronizador.countries.uy.tipos import Familia, Regimen, TipoDoc
from sincronizador.countries.uy.values import plain, round_half_up

TOPE_UI_E_TICKET = 5_000
"""e-Tickets above this many UI, net of IVA, identify the receiver. Formato CFE v25.2, table E, since 2022-11-01."""
PAISES_DNI = ("AR", "BR", "CL", "PY")

_ADD = "Agregue {}= en [RECEPTOR]."
_ADDRESS = ("NOMBRE", "DIRECCION", "CIUDAD")
_OBLIGATORY: Mapping[Familia, tuple[str, ...]] = {
    Familia.E_TCK: (),
    Familia.E_FACT: ("DOCUMENTO", *_ADDRESS),
    Familia.E_FACT_EXP: _ADDRESS,
    Familia.E_REM_EXP: _ADDRESS,
    Familia.E_REM: ("DOCUMENTO", *_ADDRESS),
    Familia.E_RESG: ("DOCUMENTO", "NOMBRE"),
    Familia.E_BOLETA: ("DOCUMENTO", *_ADDRESS),
}
"""What each family says of its receiver; an e-Ticket, by `check_threshold`. Formato CFE v25.2, A60 to A65."""
_TAX_FREE = "80"
_NETOS = ("NETO_BASICA", "NETO_MINIMA", "NETO_OTRA", "EXENTO", "EXPORTACION", "PERCIBIDO", "SUSPENSO")
"""A112 to A118 under the names of the answer."""
_SEGURO = Decimal("0.9")
"""Without the year's UI, what is below this share of the last known threshold is surely below the year's."""


def check_receptor(caso: Caso) -> Iterator[Finding]:
    """To whom it is made out, as its type asks; professional secrecy leaves the receiver out altogether."""
    doc, receptor = caso.comprobante, caso.comprobante.receptor
    origen = receptor.origen if receptor else doc.origen
    if receptor and receptor.tipo_doc is not None:
        yield from check_country(codes.RECEPTOR, origen, "", receptor.tipo_doc, receptor.pais, receptor.documento)
    if doc.secreto_profesional and receptor is None:
        return
    name, wanted = doc.tipo.nombre, _OBLIGATORY[doc.tipo.familia]
    if doc.tipo.familia is Familia.E_FACT and (receptor is None or receptor.tipo_doc is not TipoDoc.RUT):
        detail = f"Una {name} va a nombre de un RUT y falta en [RECEPTOR]"
        hint = "Agregue DOCUMENTO con el RUT del cliente, o emita un e-Ticket."
        yield found(codes.RECEPTOR, origen, "DOCUMENTO", detalle=detail, sugerencia=hint)
        wanted = wanted[1:]
    for field in wanted:
        if receptor is None or not getattr(receptor, field.lower()):
            detail, hint = f"Un comprobante de tipo {name} lleva {field} del receptor y falta", _ADD.format(field)
            yield found(codes.RECEPTOR, origen, field, detalle=detail, sugerencia=hint)


def check_country(
    rule: Rule, origen: Section, prefix: str, kind: TipoDoc, pais: str, documento: str
) -> Iterator[Finding]:
    """Whether a document's country is one that gives such documents. Formato CFE v25.2, A61."""
    if kind.is_local and (pais != "UY" or len(documento) > 12):
        detail = f"Un documento {kind.name} es de Uruguay, de hasta 12 dígitos"
        hint = f"Quite {prefix}PAIS o corrija {prefix}TIPO_DOC."
        yield found(rule, origen, prefix + "PAIS", detalle=detail, sugerencia=hint)
    if kind is TipoDoc.DNI and pais not in PAISES_DNI:
        detail = "Un DNI es de Argentina, Brasil, Chile o Paraguay"
        hint = f"Agregue {prefix}PAIS=AR, BR, CL o PY; para otros países use PASAPORTE u OTRO."
        yield found(rule, origen, prefix + "PAIS", detalle=detail, sugerencia=hint)


def check_mandante(caso: Caso) -> Iterator[Finding]:
    """A sale for somebody else says for whom, and nobody else's sale does. Formato CFE v25.2, zone K."""
    doc, mandante = caso.comprobante, caso.comprobante.mandante
    can = doc.tipo.is_cuenta_ajena or doc.tipo.familia is Familia.E_BOLETA
    if mandante is None:
        if doc.tipo.is_cuenta_ajena:
            detail = f"Un comprobante de tipo {doc.tipo.nombre} dice por cuenta de quién y falta [MANDANTE]"
            hint = "Agregue [MANDANTE] con DOCUMENTO y NOMBRE."
            yield found(codes.MANDANTE, doc.origen, "MANDANTE", detalle=detail, sugerencia=hint)
        return
    if not can:
        if doc.tipo.familia in (Familia.E_TCK, Familia.E_FACT):
            detail = f"[MANDANTE] no va en un comprobante de tipo {doc.tipo.nombre}"
            hint = "Una venta por cuenta ajena es de tipo 131 a 133 o 141 a 143."
            yield found(codes.MANDANTE, mandante.origen, "MANDANTE", detalle=detail, sugerencia=hint)
        return
    if not mandante.cifrado:
        yield from _clear(mandante, doc.emisor.rut)


def _clear(mandante: Mandante, rut: str) -> Iterator[Finding]:
    for field in ("DOCUMENTO", "NOMBRE"):
        if not getattr(mandante, field.lower()) and not (field == "DOCUMENTO" and mandante.origen.get(field)):
            hint = f"Agregue {field}= en [MANDANTE]."
            yield found(codes.MANDANTE, mandante.origen, field, detalle=f"Falta {field} del mandante", sugerencia=hint)
    if mandante.tipo_doc is not None:
        kind = mandante.tipo_doc
        yield from check_country(codes.MANDANTE, mandante.origen, "", kind, mandante.pais, mandante.documento)
    if mandante.tipo_doc is TipoDoc.RUT and mandante.documento == rut:
        hint = "El mandante es aquel por cuya cuenta se vende; una venta propia es de otro tipo."
        yield found(
            codes.MANDANTE, mandante.origen, "DOCUMENTO", detalle="El mandante no puede ser el emisor", sugerencia=hint
        )


def check_owner(caso: Caso) -> Iterator[Finding]:
    """Goods of somebody else travel with the owner's document, country and name. Formato CFE v25.2, A9.1 to A9.5."""
    traslado = caso.comprobante.traslado
    if traslado is None or not traslado.ajenos or not caso.comprobante.tipo.familia.is_remito:
        return
    for field, value in (("PROPIETARIO_DOCUMENTO", traslado.documento), ("PROPIETARIO_NOMBRE", traslado.nombre)):
        if not value and not traslado.origen.get(field):
            detail, hint = f"Los bienes son de otro y falta {field}", f"Agregue {field}= en [TRASLADO]."
            yield found(codes.OWNER, traslado.origen, field, detalle=detail, sugerencia=hint)
    if traslado.tipo_doc is not None:
        kind, origen = traslado.tipo_doc, traslado.origen
        yield from check_country(codes.OWNER, origen, "PROPIETARIO_", kind, traslado.pais, traslado.documento)


def check_secrecy(caso: Caso) -> Iterator[Finding]:
    """Only a principal has a principal's secrecy, and a principal's IVA al día. Formato CFE v25.2, A17 and A18."""
    doc = caso.comprobante
    if doc.secreto_profesional == "2" and not doc.tipo.is_cuenta_ajena:
        yield found(codes.SECRECY, doc.origen, "SECRETO_PROFESIONAL")
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
    if doc.calculo is None or is_identified or doc.secreto_profesional:
        return
    origen = doc.receptor.origen if doc.receptor else doc.origen
    if doc.modalidad == _TAX_FREE and doc.tipo.is_e_ticket:
        yield found(codes.TAX_FREE_UNIDENTIFIED, origen, "DOCUMENTO")
    if not doc.tipo.is_e_ticket:
        return
    if doc.calculo.totales.retenciones:
        yield found(codes.RETENTION_UNIDENTIFIED, origen, "DOCUMENTO")
    if doc.moneda != "UYU" and doc.cotizacion is None:
        return
    rate = doc.cotizacion if doc.moneda != "UYU" and doc.cotizacion else Decimal(1)
    neto = round_half_up(doc.calculo.totales.neto * rate)
    year, ui = doc.fecha.year, caso.ajustes.ui
    if year in ui:
        tope = TOPE_UI_E_TICKET * ui[year]
        if neto > tope:
            yield found(codes.OVER_LIMIT, origen, "DOCUMENTO", neto=plain(neto), tope=plain(round_half_up(tope)))
    elif neto > _SEGURO * TOPE_UI_E_TICKET * _last_ui(year, ui):
        yield found(codes.UI_UNKNOWN, origen, "DOCUMENTO", neto=plain(neto), anio=year, cierre=year - 1)


def travels_alone(document: Emitido, ui: Mapping[int, Decimal]) -> bool:
    """
    Whether a signed e-Ticket goes to DGI one by one: above 5,000 UI net of IVA, or with withholdings.

    Without the year's UI, what is not surely below travels alone.
    """
    importes = dict(document.importes)
    if "RETENIDO" in importes:
        return True
    neto = sum((Decimal(importes.get(name, "0")) for name in _NETOS), Decimal(0)) * (document.cotizacion or 1)
    year = document.fecha.year
    tope = ui[year] if year in ui else _SEGURO * _last_ui(year, ui)
    return neto > TOPE_UI_E_TICKET * tope


def _last_ui(year: int, ui: Mapping[int, Decimal]) -> Decimal:
    """The last value before a year; the first after it when there is none before; zero when there is none at all."""
    earlier = [known for known in ui if known < year]
    if earlier:
        return ui[max(earlier)]
    return ui[min(ui)] if ui else Decimal(0)


CHECKS: tuple[Check, ...] = (check_receptor, check_threshold, check_mandante, check_owner, check_secrecy)
