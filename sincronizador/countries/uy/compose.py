"""
The XML of a document: a draft without number, and the same completed for signing.

Both are canonical (C14N 1.0) as written: no declaration, no blanks, one default namespace, elements in schema order.
"""

import re
from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from functools import cache

from sincronizador.core.numbering import Folio, Rango
from sincronizador.core.request import Known
from sincronizador.countries.uy.comprobante import (
    Comprobante,
    DatosEmisor,
    Linea,
    Mandante,
    Pago,
    Parte,
    Receptor,
    Referencia,
    Retencion,
    Totales,
    Traslado,
)
from sincronizador.countries.uy.elements import NAMESPACE, element, elements, group, moment, money, zone
from sincronizador.countries.uy.fields import BY_SECTION
from sincronizador.countries.uy.read import target_of
from sincronizador.countries.uy.tipos import REDONDEO, Bruto, Familia, IndFact, TipoDoc
from sincronizador.countries.uy.values import plain

_SIGNATURE = re.compile(rb"<Signature .*</Signature>", re.DOTALL)
_STAMP = re.compile(rb"<TmstFirma>[^<]*</TmstFirma>")
_NUMBER = re.compile(rb"\A<Serie>[^<]*</Serie><Nro>[^<]*</Nro>")
_SUCURSAL = re.compile(rb"<CdgDGISucur>(\d+)</CdgDGISucur>")
_PAPEL = re.compile(rb"<TipoCFE>2\d\d</TipoCFE>")
"""A type that transcribes a paper: its number and constancia came with it, and are in its draft."""
_COMPLEMENTO = b"<Compl_Fiscal>"

_OBLIGATORY_TOTALS = {
    Familia.E_TCK: ("MntTotal", "MntPagar"),
    Familia.E_FACT: ("MntTotal", "MntPagar"),
    Familia.E_BOLETA: ("MntTotal", "MntPagar"),
    Familia.E_FACT_EXP: ("MntExpoyAsim", "MntTotal", "MntPagar"),
    Familia.E_REM_EXP: ("MntExpoyAsim", "MntTotal"),
    Familia.E_RESG: ("MntTotRetenido",),
    Familia.E_REM: (),
}
"""Totals that a document tells also when they are zero. Schema 1.44.2."""


def draft(comprobante: Comprobante, referencia: str, known: Known) -> bytes:
    """
    The CFE without TmstFirma and Signature, and without Serie, Nro and CAEData unless a paper has them.

    The comprobante has been checked.
    """
    calculo = comprobante.calculo
    if calculo is None:
        raise ValueError("a document with errors has no draft")
    root = comprobante.tipo.familia.value
    redondeo = (_redondeo(calculo.redondeo, len(comprobante.lineas) + 1),) if calculo.redondeo else ()
    familia = comprobante.tipo.familia
    items = (*(_item(n, linea, familia) for n, linea in enumerate(comprobante.lineas, 1)), *redondeo)
    pagos = (_pago(n, pago, calculo.totales) for n, pago in enumerate(comprobante.pagos, 1))
    referencias = (_referencia(n, entry, known) for n, entry in enumerate(comprobante.referencias, 1))
    subtotales = (
        group("STI_Item", ("NroSTI", str(n)), ("GlosaSTI", entry.detalle), ("OrdenSTI", entry.orden),
               ("ValSubtotSTI", money(entry.valor)))
        for n, entry in enumerate(comprobante.subtotales, 1)
    )  # fmt: skip
    return "".join(
        (
            f'<CFE xmlns="{NAMESPACE}" version="1.0"><{root}><Encabezado>',
            _id_doc(comprobante, referencia),
            _emisor(comprobante.emisor),
            _receptor(comprobante.receptor) if comprobante.receptor else "",
            _totales(comprobante, calculo.totales, len(items)),
            "</Encabezado>",
            zone("Detalle", items),
            zone("SubTotInfo", subtotales),
            zone("DscRcgGlobal", (_parte(n, parte) for n, parte in enumerate(calculo.partes, 1))),
            zone("MediosPago", pagos),
            zone("Referencia", referencias),
            _cae_data(comprobante.folio.rango) if comprobante.folio else "",
            _complemento(comprobante.mandante, comprobante.emisor.rut) if comprobante.mandante else "",
            f"</{root}></CFE>",
        )
    ).encode()


def complete(draft: bytes, folio: Folio, at: datetime) -> bytes:
    """
    The draft with its number, range and signing time, canonical: what is signed. `at` is aware.

    Raises ValueError for what is no draft, and for a paper under another number than its own.
    """
    head, numbered, rest = draft.partition(b"</TipoCFE>")
    opening, marker, after = head.partition(b"<Encabezado>")
    if not (numbered and marker and draft.endswith(b"></CFE>")):
        raise ValueError("not a draft of a CFE")
    closing = _closing(draft)
    body = rest.removesuffix(closing)
    number = (element("Serie", folio.rango.serie) + element("Nro", str(folio.numero))).encode()
    cae = _cae_data(folio.rango).encode()
    if _PAPEL.search(head + numbered):
        if not rest.startswith(number) or cae not in body:
            raise ValueError("a paper has its own number")
        number = cae = b""
    body, marker, complemento = body.partition(_COMPLEMENTO)
    stamp = element("TmstFirma", moment(at)).encode()
    parts = (opening, stamp, b"<Encabezado>", after, numbered, number, body, cae, marker, complemento, closing)
    return b"".join(parts)


def draft_of(signed: bytes) -> bytes:
    """What `complete` made into this CFE: without its signature and without what `complete` put in."""
    document = _SIGNATURE.sub(b"", signed)
    head, numbered, rest = document.partition(b"</TipoCFE>")
    head = _STAMP.sub(b"", head, count=1)
    if _PAPEL.search(head + numbered):
        return head + numbered + rest
    rest = _NUMBER.sub(b"", rest, count=1)
    body, cae, closing = rest.rpartition(b"<CAEData>")
    return head + numbered + (body + closing.partition(b"</CAEData>")[2] if cae else rest)


def branch_of(draft: bytes) -> str:
    """CdgDGISucur of a draft. Raises ValueError for what is none."""
    found = _SUCURSAL.search(draft)
    if found is None:
        raise ValueError("not a draft of a CFE")
    return found[1].decode()


def _closing(draft: bytes) -> bytes:
    """The end of a document: its root's end tag and that of ``CFE``."""
    return draft[draft.rfind(b"</", 0, -len(b"</CFE>")) :]


def _number(value: Decimal | None) -> str:
    return "" if value is None else plain(value)


def _id_doc(doc: Comprobante, referencia: str) -> str:
    return group(
        "IdDoc",
        ("TipoCFE", str(int(doc.tipo))),
        ("Serie", doc.folio.rango.serie if doc.folio else ""),
        ("Nro", str(doc.folio.numero) if doc.folio else ""),
        ("NroInterno", referencia),
        ("FchEmis", doc.fecha.isoformat()),
        ("FchValor", doc.fecha_valor.isoformat() if doc.fecha_valor else ""),
        *(_traslado(doc.traslado) if doc.traslado else ()),
        ("PeriodoDesde", doc.periodo_desde.isoformat() if doc.periodo_desde else ""),
        ("PeriodoHasta", doc.periodo_hasta.isoformat() if doc.periodo_hasta else ""),
        ("MntBruto", "" if doc.bruto is Bruto.SIN_IVA else str(int(doc.bruto))),
        ("FmaPago", doc.forma_pago),
        ("FchVenc", doc.vencimiento.isoformat() if doc.vencimiento else ""),
        ("ClauVenta", doc.clausula),
        ("ModVenta", doc.modalidad),
        ("ViaTransp", doc.via),
        ("InfoAdicionalDoc", doc.informacion),
        ("IVAalDia", doc.iva_al_dia),
        ("SecProf", doc.secreto_profesional),
        ("IndPagCta3ros", doc.pagos_terceros),
        ("IndCobPropia", doc.cobranza),
        ("IndCompraMEReventa", doc.compra_moneda),
    )


def _traslado(traslado: Traslado) -> Iterable[tuple[str, str]]:
    tipo = traslado.tipo_doc
    return (
        ("TipoTraslado", traslado.motivo),
        ("IndPropiedad", "1" if traslado.ajenos else ""),
        ("TipoDocProp", str(int(tipo)) if tipo else ""),
        ("CodPaisProp", traslado.pais),
        (_document("DocProp", tipo), traslado.documento),
        ("RznSocProp", traslado.nombre),
    )


def _document(element: str, tipo: TipoDoc | None) -> str:
    """The element of a document's number: that of Uruguay's documents, or of the others'."""
    return element if tipo and tipo.is_local else element + "Ext"


def _cae_data(rango: Rango) -> str:
    return group(
        "CAEData", ("CAE_ID", rango.id), ("DNro", str(rango.desde)), ("HNro", str(rango.hasta)),
        ("FecVenc", rango.vence.isoformat()), ("CAEEspecial", rango.especial), ("CausalCAEEsp", rango.causal),
    )  # fmt: skip


def _complemento(mandante: Mandante, rut: str) -> str:
    if mandante.cifrado:
        return f"<Compl_Fiscal>{mandante.cifrado}</Compl_Fiscal>"
    data = group(
        "Compl_Fiscal_Data", ("RUCEmisor", rut), ("TipoDocMdte", str(int(mandante.tipo_doc or 0))),
        ("Pais", mandante.pais), ("DocMdte", mandante.documento), ("NombreMdte", mandante.nombre),
    )  # fmt: skip
    return f"<Compl_Fiscal>{data}</Compl_Fiscal>"


def _emisor(emisor: DatosEmisor) -> str:
    return group(
        "Emisor",
        ("RUCEmisor", emisor.rut),
        ("RznSoc", emisor.razon_social),
        ("NomComercial", emisor.nombre_comercial),
        ("GiroEmis", emisor.giro),
        *(("Telefono", telefono) for telefono in emisor.telefonos),
        ("CorreoEmisor", emisor.correo),
        ("EmiSucursal", emisor.nombre_sucursal),
        ("CdgDGISucur", emisor.sucursal),
        ("DomFiscal", emisor.domicilio),
        ("Ciudad", emisor.ciudad),
        ("Departamento", emisor.departamento),
        ("InfoAdicionalEmisor", emisor.informacion),
    )


def _receptor(receptor: Receptor) -> str:
    tipo = receptor.tipo_doc
    return group(
        "Receptor",
        ("TipoDocRecep", str(int(tipo)) if tipo else ""),
        ("CodPaisRecep", receptor.pais),
        (_document("DocRecep", tipo), receptor.documento),
        ("RznSocRecep", receptor.nombre),
        ("DirRecep", receptor.direccion),
        ("CiudadRecep", receptor.ciudad),
        ("DeptoRecep", receptor.departamento),
        ("PaisRecep", receptor.nombre_pais),
        ("CP", receptor.codigo_postal),
        ("InfoAdicional", receptor.informacion),
        ("LugarDestEnt", receptor.lugar_entrega),
        ("CompraID", receptor.compra),
    )


@cache
def _absent_totals(columna: int) -> frozenset[str]:
    """Totals that documents of a group do not have at all."""
    return frozenset(row.element for row in BY_SECTION["TOTALES"].values() if row.is_foreign(columna))


def _totales(doc: Comprobante, totales: Totales, lines: int) -> str:
    familia = doc.tipo.familia
    inds = {linea.ind_fact for linea in doc.lineas}
    loose = inds & {IndFact.NO_FACTURABLE, IndFact.NO_FACTURABLE_NEGATIVO} or totales.no_facturable
    is_priced = familia is not Familia.E_REM
    obligatory, absent = _OBLIGATORY_TOTALS[familia], _absent_totals(doc.tipo.columna)

    def total(name: str, amount: Decimal) -> tuple[str, str]:
        is_told = amount or name in obligatory
        return name, money(amount) if is_told and name not in absent else ""

    before = elements(
        (
            ("TpoMoneda", doc.moneda if is_priced else ""),
            ("TpoCambio", _number(doc.cotizacion) if doc.moneda != "UYU" else ""),
            total("MntNoGrv", totales.no_gravado),
            total("MntExpoyAsim", totales.exportacion),
            total("MntImpuestoPerc", totales.percibido),
            total("MntIVaenSusp", totales.suspenso),
            total("MntNetoIvaTasaMin", totales.neto_minima),
            total("MntNetoIVATasaBasica", totales.neto_basica),
            total("MntNetoIVAOtra", totales.neto_otra),
            ("IVATasaMin", "10.000" if totales.neto_minima else ""),
            ("IVATasaBasica", "22.000" if totales.neto_basica else ""),
            ("MntIVATasaMin", money(totales.iva_minima) if totales.neto_minima else ""),
            ("MntIVATasaBasica", money(totales.iva_basica) if totales.neto_basica else ""),
            total("MntIVAOtra", totales.iva_otra),
            total("MntTotal", totales.total),
            total("MntTotRetenido", totales.retenido),
            total("MntTotCredFisc", totales.credito_fiscal),
            ("CantLinDet", str(lines)),
        )
    )
    withheld = "".join(
        group("RetencPercep", ("CodRet", code), ("ValRetPerc", money(valor))) for code, valor in totales.retenciones
    )
    after = elements((("MontoNF", money(totales.no_facturable) if loose else ""), total("MntPagar", totales.a_pagar)))
    return f"<Totales>{before}{withheld}{after}</Totales>"


def _item(number: int, linea: Linea, familia: Familia) -> str:
    opening = elements((("NroLinDet", str(number)),))
    ind_fact = str(int(linea.ind_fact)) if linea.ind_fact else ""
    withheld = "".join([_retencion(retencion) for retencion in linea.retenciones])
    if familia is Familia.E_RESG:
        return f"<Item>{opening}{element('IndFact', ind_fact)}{withheld}</Item>"
    coded = "".join(group("CodItem", ("TpoCod", kind), ("Cod", code)) for kind, code in linea.codigos)
    what = elements(
        (
            ("IndFact", ind_fact),
            ("IndAgenteResp", linea.agente),
            ("NomItem", linea.detalle),
            ("NCM", linea.ncm),
            ("DscItem", linea.descripcion),
            ("Cantidad", plain(linea.cantidad)),
            ("UniMed", linea.unidad),
        )
    )
    if familia is Familia.E_REM:
        return f"<Item>{opening}{coded}{what}</Item>"
    amount = element("MontoItem", money(linea.importe))
    return f"<Item>{opening}{coded}{what}{_price(linea)}{withheld}{amount}</Item>"


def _price(linea: Linea) -> str:
    """The unit price, and what is taken off and put on."""
    discount = elements(
        (
            ("PrecioUnitario", plain(linea.precio)),
            ("DescuentoPct", _number(linea.descuento_porc)),
            ("DescuentoMonto", _discount(linea.descuento, linea.descuento_porc)),
        )
    )
    surcharge = elements(
        (
            ("RecargoPct", _number(linea.recargo_porc)),
            ("RecargoMnt", _discount(linea.recargo, linea.recargo_porc)),
        )
    )
    parts = "".join(
        group("SubDescuento", ("DescTipo", clase), ("DescVal", money(valor))) for clase, valor in linea.subdescuentos
    )
    more = "".join(
        group("SubRecargo", ("RecargoTipo", clase), ("RecargoVal", money(valor))) for clase, valor in linea.subrecargos
    )
    return f"{discount}{parts}{surcharge}{more}"


def _discount(amount: Decimal, percent: Decimal | None) -> str:
    """The amount goes with its percentage even when it rounds to nothing."""
    return money(amount) if amount or percent is not None else ""


def _retencion(retencion: Retencion) -> str:
    return group(
        "RetencPercep",
        ("CodRet", retencion.codigo),
        ("Tasa", _number(retencion.tasa)),
        ("MntSujetoaRet", money(retencion.base)),
        ("InfoAdicionalRet", retencion.informacion),
        ("ValRetPerc", money(retencion.valor)),
    )


def _redondeo(amount: Decimal, number: int) -> str:
    ind_fact = IndFact.NO_FACTURABLE if amount > 0 else IndFact.NO_FACTURABLE_NEGATIVO
    return group(
        "Item",
        ("NroLinDet", str(number)),
        ("IndFact", str(int(ind_fact))),
        ("NomItem", REDONDEO),
        ("Cantidad", "1"),
        ("UniMed", "N/A"),
        ("PrecioUnitario", money(abs(amount))),
        ("MontoItem", money(abs(amount))),
    )


def _parte(number: int, parte: Parte) -> str:
    return group(
        "DRG_Item",
        ("NroLinDR", str(number)),
        ("TpoMovDR", "D" if parte.resta else "R"),
        ("TpoDR", parte.clase),
        ("CodDR", parte.codigo),
        ("GlosaDR", parte.detalle),
        ("ValorDR", money(parte.valor)),
        ("IndFactDR", str(int(parte.ind_fact))),
    )


def _pago(number: int, pago: Pago, totales: Totales) -> str:
    return group(
        "MedioPago",
        ("NroLinMP", str(number)),
        ("CodMP", pago.codigo),
        ("GlosaMP", pago.detalle),
        ("OrdenMP", pago.orden),
        ("ValorPago", money(totales.a_pagar if pago.valor is None else pago.valor)),
    )


def _referencia(number: int, referencia: Referencia, known: Known) -> str:
    """What it refers to; a sale of ours lends its number, date, currency and rate."""
    sale = known.get(target_of(referencia)) if not referencia.is_global else None
    tipo, serie, numero = referencia.tipo, referencia.serie, referencia.numero
    fecha, moneda, cotizacion = referencia.fecha, referencia.moneda, referencia.cotizacion
    if sale:
        tipo, serie, numero, fecha = sale.tipo, sale.serie, sale.numero, sale.fecha
        if referencia.monto is not None or moneda:
            moneda, cotizacion = sale.moneda, sale.cotizacion
    return group(
        "Referencia",
        ("NroLinRef", str(number)),
        ("IndGlobal", "1" if referencia.is_global else ""),
        ("TpoDocRef", str(tipo or "")),
        ("Serie", serie),
        ("NroCFERef", str(numero or "")),
        ("RazonRef", referencia.razon),
        ("FechaCFEref", fecha.isoformat() if fecha else ""),
        ("MntCFEref", money(referencia.monto)),
        ("TpoMonedaRef", moneda),
        ("TpoCambioRef", _number(cotizacion) if moneda not in ("", "UYU") else ""),
    )
