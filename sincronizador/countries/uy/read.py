"""From the sections of a dropped file to a request for a document, its defaults fixed."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from sincronizador.core.emitido import Anexo
from sincronizador.core.finding import Finding
from sincronizador.core.request import Request, Target
from sincronizador.core.sections import Section, Sections
from sincronizador.countries.uy import codes
from sincronizador.countries.uy.comprobante import (
    Comprobante,
    Global,
    Linea,
    Mandante,
    Pago,
    Receptor,
    Referencia,
    Subtotal,
    found,
)
from sincronizador.countries.uy.emisor import Ajustes, Emisor
from sincronizador.countries.uy.fields import BY_SECTION, MEDIOS, PRECIOS, SECCIONES
from sincronizador.countries.uy.papel import read_folio
from sincronizador.countries.uy.read_lineas import read_ind_fact, read_linea, read_retencion
from sincronizador.countries.uy.read_partes import read_emisor, read_mandante, read_receptor, read_traslado
from sincronizador.countries.uy.tipos import Bruto, Clase, Familia, IndFact, Regimen, TipoCfe, TipoDoc, tipo_of
from sincronizador.countries.uy.totals import Cuenta, calculate
from sincronizador.countries.uy.values import (
    Lectura,
    Valores,
    forbid,
    missing,
    read_values,
    require,
)

SEALED = "MANDANTE_CIFRADO"
"""Section of a Complemento Fiscal that arrived encrypted: its text is the element. No TXT has it."""
_NOWHERE = Section("DOCUMENTO", 1)
_PRICED = (Familia.E_TCK, Familia.E_FACT)
"""Families whose prices may include IVA."""


def read(sections: Sections, today: date, emisor: Emisor, ajustes: Ajustes) -> Request:
    """The request that a file makes on a day. Findings say what could not be understood; the rest is as given."""
    decimal = sections.text_of("DOCUMENTO", "DECIMAL").upper()
    lectura = Lectura(
        # An unreadable one is told once, and not again at each number.
        decimal=(decimal if decimal in ("PUNTO", "COMA") else "PUNTO") if decimal else ajustes.decimal,
        recortar=ajustes.textos_largos == "recortar",
    )
    reader = _Reader(sections, lectura, emisor, ajustes)
    comprobante = reader.comprobante(today)
    documento = reader.documento
    return Request(
        referencia=documento.text("REFERENCIA"),
        tipo=int(comprobante.tipo) if documento.text("TIPO") else 0,
        fecha=comprobante.fecha,
        impresora=documento.text("IMPRESORA"),
        copias=int(documento.text("COPIAS") or 0),
        ambiente=documento.text("AMBIENTE"),
        refers_to=tuple(target_of(referencia) for referencia in comprobante.referencias if is_named(referencia)),
        anexo=reader.anexo(comprobante),
        findings=tuple(sorted(lectura.findings, key=lambda finding: finding.place)),
        document=comprobante,
        folio=comprobante.folio,
        seal=comprobante.mandante.cifrar if comprobante.mandante else None,
    )


def is_named(referencia: Referencia) -> bool:
    """Whether it names one document, ours by its REFERENCIA or any by its number."""
    return bool(referencia.venta or (referencia.tipo and referencia.serie and referencia.numero))


def target_of(referencia: Referencia) -> Target:
    """What the engine looks for in its journal."""
    if referencia.venta:
        return Target(referencia=referencia.venta)
    return Target(tipo=referencia.tipo, serie=referencia.serie, numero=referencia.numero)


class _Reader:
    """One reading of one file: the sections, and where findings go."""

    def __init__(self, sections: Sections, lectura: Lectura, emisor: Emisor, ajustes: Ajustes) -> None:
        self.lectura = lectura
        self.emisor = emisor
        self.ajustes = ajustes
        self.groups: dict[str, list[Valores]] = {name: [] for name in SECCIONES}
        self.globales: list[Valores] = []
        self.retenciones: dict[int, list[Valores]] = {}
        self.texts: dict[str, list[Section]] = {"ADENDA": [], "EXTRA": []}
        self.sealed = sections.all(SEALED)
        self.is_partial = sections.is_partial
        self.tipo = TipoCfe.E_TICKET
        for section in sections:
            if section.name in self.groups:
                self._take(section)
            elif section.name in self.texts:
                self.texts[section.name].append(section)
        self.documento = self._only("DOCUMENTO") or Valores(_NOWHERE)

    def _take(self, section: Section) -> None:
        valores = read_values(section, self.lectura)
        if valores.is_empty:
            return
        if section.name == "RETENCION":
            # Before any line they stand alone: the lines of an e-Resguardo.
            self.retenciones.setdefault(len(self.groups["ITEM"]) - 1, []).append(valores)
            return
        if section.name in ("DESCUENTO", "RECARGO"):
            self.globales.append(valores)
            return
        group = self.groups[section.name]
        if group and not SECCIONES[section.name].many:
            first = group[0].origen.line
            self._find(codes.SECTION_TWICE.at(line=section.line, seccion=section.name, primera=first))
        group.append(valores)

    def _only(self, name: str) -> Valores | None:
        group = self.groups[name]
        return group[0] if group else None

    def _find(self, finding: Finding) -> None:
        self.lectura.findings.append(finding)

    def comprobante(self, today: date) -> Comprobante:
        documento = self.documento
        given = self._only("RECEPTOR")
        receptor = read_receptor(given, self.lectura) if given else None
        tipo = self.tipo = _tipo(documento.text("TIPO"), receptor)
        self.lectura.tipo = tipo if documento.text("TIPO") else None
        self._look_at_groups()
        lineas, whole = self._resguardo() if tipo.familia is Familia.E_RESG else self._lineas()
        globales = tuple(self._globales())
        bruto = self._bruto()
        totales = self._only("TOTALES")
        exportacion = self._only("EXPORTACION") or Valores(documento.origen)
        traslado = self._only("TRASLADO")
        dados = _dados(totales)
        broken = any(valores.broken for valores in (*self.globales, *self.groups["TOTALES"]))
        calculo = None
        if whole and lineas and not broken and not self.is_partial:
            cuenta = Cuenta(
                lineas=lineas,
                globales=globales,
                bruto=bruto,
                dados=dict(dados),
                origen=totales.origen if totales else documento.origen,
                max_lineas=tipo.familia.max_lineas,
            )
            calculo, findings = calculate(cuenta, self.ajustes)
            self.lectura.findings += findings
        folio, findings = read_folio(documento, tipo, Regimen(self.emisor.regimen))
        self.lectura.findings += findings if self.lectura.tipo else ()
        return Comprobante(
            origen=documento.origen,
            ilegibles=frozenset(documento.broken),
            tipo=tipo,
            folio=folio,
            fecha=documento.date("FECHA") or today,
            fecha_valor=documento.date("FECHA_VALOR"),
            periodo_desde=documento.date("PERIODO_DESDE"),
            periodo_hasta=documento.date("PERIODO_HASTA"),
            bruto=bruto,
            forma_pago=documento.text("FORMA_PAGO"),
            vencimiento=documento.date("VENCIMIENTO"),
            clausula=exportacion.text("CLAUSULA").upper(),
            modalidad=exportacion.text("MODALIDAD"),
            via=exportacion.text("VIA"),
            exportacion=exportacion.origen,
            traslado=read_traslado(traslado, self.lectura) if traslado else None,
            informacion=documento.text("INFORMACION"),
            iva_al_dia=documento.text("IVA_AL_DIA"),
            secreto_profesional=documento.text("SECRETO_PROFESIONAL"),
            pagos_terceros=documento.text("PAGOS_TERCEROS"),
            cobranza=documento.text("COBRANZA"),
            compra_moneda=documento.text("COMPRA_MONEDA"),
            mandante=self._mandante(),
            moneda=documento.text("MONEDA") or "UYU",
            cotizacion=documento.number("COTIZACION"),
            emisor=read_emisor(self._only("EMISOR") or Valores(_NOWHERE), self.emisor, self.lectura),
            receptor=receptor,
            lineas=lineas,
            globales=globales,
            subtotales=tuple(self._subtotales()),
            pagos=tuple(self._pagos()),
            referencias=tuple(_referencia(valores) for valores in self.groups["REFERENCIA"]),
            dados=dados,
            calculo=calculo,
        )

    def _look_at_groups(self) -> None:
        """What the type must have, and what it does not have, section by section."""
        require(self.documento, self.lectura)
        for name in ("EXPORTACION", "TRASLADO"):
            require(self._only(name) or Valores(Section(name, self.documento.origen.line)), self.lectura)
        if not self.documento.text("TIPO"):
            return
        retenciones = (valores for group in self.retenciones.values() for valores in group)
        for valores in (
            *(valores for group in self.groups.values() for valores in group), *self.globales, *retenciones
        ):  # fmt: skip
            forbid(valores, self.lectura)

    def anexo(self, comprobante: Comprobante) -> Anexo:
        """What travels beside the signed document."""
        receptor = self._only("RECEPTOR")
        pagos: list[tuple[str, str]] = []
        for pago in comprobante.pagos:
            valor = pago.valor
            if valor is None and comprobante.calculo:
                valor = comprobante.calculo.totales.a_pagar
            if pago.entregado and valor is not None and pago.entregado >= valor:
                pagos += [("ENTREGADO", f"{pago.entregado:.2f}"), ("VUELTO", f"{pago.entregado - valor:.2f}")]
        return Anexo(
            adenda="\n".join(section.text for section in self.texts["ADENDA"]),
            correo=receptor.text("CORREO") if receptor else "",
            extra=tuple((entry.name, entry.text) for section in self.texts["EXTRA"] for entry in section.entries),
            pagos=tuple(pagos),
        )

    def _bruto(self) -> Bruto:
        has_no_iva = Regimen(self.emisor.regimen).has_no_iva and not self.tipo.is_cuenta_ajena
        given = self.documento.text("PRECIOS")
        # Who has no IVA may say that it is in the prices: there is none. IMEBA is another matter.
        if has_no_iva and self.tipo.familia.is_sale and given != PRECIOS[Bruto.CON_IMEBA.name]:
            return Bruto.MONOTRIBUTO
        default = PRECIOS[self.ajustes.precios] if self.tipo.familia in _PRICED else "0"
        return Bruto(int(given or default))

    def _mandante(self) -> Mandante | None:
        given, sealed = self._only("MANDANTE"), next(iter(self.sealed), None)
        if sealed is not None:
            given = given or Valores(sealed)
        return read_mandante(given, sealed.text if sealed else "", self.emisor.rut, self.lectura) if given else None

    def _lineas(self) -> tuple[tuple[Linea, ...], bool]:
        """The lines that could be understood, and whether those are all."""
        items = self.groups["ITEM"]
        for loose in self.retenciones.get(-1, ()) if self.lectura.tipo else ():
            self._find(codes.LOOSE_RETENTION.at(line=loose.origen.line))
        if not items and self.lectura.tipo and not self.is_partial:
            missing(Section("ITEM", self.documento.origen.line), "DETALLE", self.lectura)
        lineas = [
            read_linea(item, self.retenciones.get(n, ()), self.tipo.familia, self.lectura)
            for n, item in enumerate(items)
        ]
        understood = tuple(linea for linea in lineas if linea is not None)
        return understood, len(understood) == len(lineas)

    def _resguardo(self) -> tuple[tuple[Linea, ...], bool]:
        """The lines of an e-Resguardo: its withholdings, one each; and whether those are all."""
        tables = [valores for group in self.retenciones.values() for valores in group]
        if not tables and not self.is_partial:
            missing(Section("RETENCION", self.documento.origen.line), "CODIGO", self.lectura)
        lineas: list[Linea] = []
        for valores in tables:
            retencion = read_retencion(valores, self.lectura)
            if retencion is not None:
                ind_fact = IndFact.A_ANULAR if valores.text("ANULA") else None
                lineas.append(Linea(origen=valores.origen, ind_fact=ind_fact, retenciones=(retencion,)))
        return tuple(lineas), len(lineas) == len(tables)

    def _globales(self) -> Iterator[Global]:
        for valores in self.globales:
            valor, porc = valores.number("VALOR"), valores.number("PORC")
            if not valor and porc is None:
                continue
            resta = valores.origen.name == "DESCUENTO"
            yield Global(
                origen=valores.origen,
                resta=resta,
                clase=valores.text("CLASE") or ("2" if porc is not None else "1"),
                codigo=valores.text("CODIGO"),
                detalle=valores.text("DETALLE") or BY_SECTION[valores.origen.name]["DETALLE"].default,
                valor=valor or None,
                porc=porc,
                ind_fact=read_ind_fact(valores, self.lectura, obligatory=False),
            )

    def _subtotales(self) -> Iterator[Subtotal]:
        for valores in self.groups["SUBTOTAL"]:
            require(valores, self.lectura)
            valor = valores.number("VALOR")
            if valor is not None:
                yield Subtotal(detalle=valores.text("DETALLE"), orden=valores.text("ORDEN"), valor=valor)

    def _pagos(self) -> Iterator[Pago]:
        group = [valores for valores in self.groups["PAGO"] if valores.number("VALOR") != 0]
        for valores in group:
            medio, valor, entregado = valores.text("MEDIO"), valores.number("VALOR"), valores.number("ENTREGADO")
            if not (medio or valores.text("DETALLE") or "MEDIO" in valores.broken):
                missing(valores.origen, "MEDIO", self.lectura)
            if valor is None and len(group) > 1 and not valores.broken:
                missing(valores.origen, "VALOR", self.lectura)
            if valores.text("COBRO"):
                self._find(found(codes.NO_TERMINALS, valores.origen, "COBRO"))
            if valor and entregado and entregado < valor:
                self._find(found(codes.HANDED_LESS, valores.origen, "ENTREGADO", dado=entregado, valor=valor))
            yield Pago(
                codigo=valores.text("CODIGO"),
                detalle=valores.text("DETALLE") or MEDIOS.get(medio, ""),
                orden=valores.text("ORDEN"),
                valor=valor,
                entregado=entregado,
            )


def _tipo(text: str, receptor: Receptor | None) -> TipoCfe:
    """The type; a sale or note without a type of its own follows the receiver. An unreadable one counts as a sale."""
    if text.isdigit():
        return TipoCfe(int(text))
    clase = Clase(text) if text else Clase.VENTA
    return tipo_of(clase, con_rut=receptor is not None and receptor.tipo_doc is TipoDoc.RUT)


def _dados(totales: Valores | None) -> tuple[tuple[str, Decimal], ...]:
    if totales is None:
        return ()
    lineas = totales.text("LINEAS")
    return (*totales.numbers.items(), *((("LINEAS", Decimal(lineas)),) if lineas else ()))


def _referencia(valores: Valores) -> Referencia:
    return Referencia(
        origen=valores.origen,
        is_whole=not valores.broken,
        is_global=bool(valores.text("GLOBAL")),
        tipo=int(valores.text("TIPO") or 0),
        serie=valores.text("SERIE").upper(),
        numero=int(valores.text("NUMERO") or 0),
        venta=valores.text("VENTA"),
        razon=valores.text("RAZON"),
        fecha=valores.date("FECHA"),
        monto=valores.number("MONTO"),
        moneda=valores.text("MONEDA"),
        cotizacion=valores.number("COTIZACION"),
    )
