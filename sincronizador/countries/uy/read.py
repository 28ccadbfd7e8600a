"""From the sections of a dropped file to a request for a document, its defaults fixed."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal

from sincronizador.core.emitido import Anexo
from sincronizador.core.finding import Finding
from sincronizador.core.request import Request, Target
from sincronizador.core.sections import Section, Sections
from sincronizador.countries.uy import codes
from sincronizador.countries.uy.ci import check_ci
from sincronizador.countries.uy.comprobante import (
    Comprobante,
    DatosEmisor,
    Global,
    Linea,
    Mandante,
    Pago,
    Receptor,
    Referencia,
    Retencion,
    Subtotal,
    Traslado,
    found,
)
from sincronizador.countries.uy.emisor import Ajustes, Emisor
from sincronizador.countries.uy.fields import BY_SECTION, MEDIOS, PRECIOS, SECCIONES, code_suffixes, part_suffixes
from sincronizador.countries.uy.papel import read_folio
from sincronizador.countries.uy.pricing import price_line
from sincronizador.countries.uy.rut import check_rut
from sincronizador.countries.uy.tipos import Bruto, Clase, Familia, IndFact, Regimen, TipoCfe, TipoDoc, tipo_of
from sincronizador.countries.uy.totals import Cuenta, calculate
from sincronizador.countries.uy.values import (
    Lectura,
    Valores,
    forbid,
    missing,
    read_values,
    require,
    round_half_up,
)

_CODE_FIELDS = tuple(("CODIGO" + end, "TIPO_CODIGO" + end) for end in code_suffixes())
SEALED = "MANDANTE_CIFRADO"
"""Section of a Complemento Fiscal that arrived encrypted: its text is the element. No TXT has it."""
_NOWHERE = Section("DOCUMENTO", 1)
_LARGO_CI = (7, 8)
"""Digits of a cédula: what has as many is one, or a mistake."""
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
        receptor = self._receptor()
        tipo = self.tipo = _tipo(documento.text("TIPO"), receptor)
        self.lectura.tipo = tipo if documento.text("TIPO") else None
        self._look_at_groups()
        lineas, whole = self._resguardo() if tipo.familia is Familia.E_RESG else self._lineas()
        globales = tuple(self._globales())
        bruto = self._bruto()
        totales = self._only("TOTALES")
        exportacion = self._only("EXPORTACION") or Valores(documento.origen)
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
            traslado=self._traslado(),
            informacion=documento.text("INFORMACION"),
            iva_al_dia=documento.text("IVA_AL_DIA"),
            secreto_profesional=documento.text("SECRETO_PROFESIONAL"),
            pagos_terceros=documento.text("PAGOS_TERCEROS"),
            cobranza=documento.text("COBRANZA"),
            compra_moneda=documento.text("COMPRA_MONEDA"),
            mandante=self._mandante(),
            moneda=documento.text("MONEDA") or "UYU",
            cotizacion=documento.number("COTIZACION"),
            emisor=self._emisor(),
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

    def _emisor(self) -> DatosEmisor:
        own = self.emisor
        given = self._only("EMISOR") or Valores(_NOWHERE)
        rut = given.text("RUT")
        if rut and rut != own.rut:
            self._find(found(codes.OTHER_ISSUER, given.origen, "RUT", rut=own.rut))
        return DatosEmisor(
            origen=given.origen,
            rut=own.rut,
            razon_social=given.text("RAZON_SOCIAL") or own.razon_social,
            nombre_comercial=given.text("NOMBRE_COMERCIAL") or own.nombre_comercial,
            giro=given.text("GIRO") or own.giro,
            telefonos=tuple(filter(None, (given.text("TELEFONO") or own.telefono, given.text("TELEFONO_2")))),
            correo=given.text("CORREO") or own.correo,
            nombre_sucursal=given.text("NOMBRE_SUCURSAL"),
            sucursal=given.text("SUCURSAL") or own.sucursal,
            domicilio=given.text("DOMICILIO") or own.domicilio,
            ciudad=given.text("CIUDAD") or own.ciudad,
            departamento=given.text("DEPARTAMENTO") or own.departamento,
            informacion=given.text("INFORMACION"),
        )

    def _receptor(self) -> Receptor | None:
        valores = self._only("RECEPTOR")
        if valores is None:
            return None
        documento = valores.text("DOCUMENTO")
        tipo_doc = self._tipo_doc(valores, "") if documento else None
        # Old programs write the kind and country of a document that the customer does not have.
        said = [name for name in valores.texts if name not in ("TIPO_DOC", "PAIS", "CORREO", "COMPLETAR")]
        if not said and not valores.broken:
            return None
        return Receptor(
            origen=valores.origen,
            tipo_doc=tipo_doc,
            documento=documento if tipo_doc else "",
            pais=_pais(tipo_doc, valores.text("PAIS")),
            nombre=valores.text("NOMBRE"),
            direccion=valores.text("DIRECCION"),
            ciudad=valores.text("CIUDAD"),
            departamento=valores.text("DEPARTAMENTO"),
            nombre_pais=valores.text("NOMBRE_PAIS"),
            codigo_postal=valores.text("CODIGO_POSTAL"),
            informacion=valores.text("INFORMACION"),
            lugar_entrega=valores.text("LUGAR_ENTREGA"),
            compra=valores.text("COMPRA"),
        )

    def _tipo_doc(self, valores: Valores, prefix: str) -> TipoDoc | None:
        """The kind given, or the one whose check digit fits; wrong digits are reported for both."""
        given, documento = valores.text(prefix + "TIPO_DOC"), valores.text(prefix + "DOCUMENTO")
        tipo = TipoDoc(int(given)) if given else _guess(documento)
        if prefix + "TIPO_DOC" in valores.broken:
            return tipo
        if tipo is TipoDoc.RUT and not check_rut(documento):
            self._find(found(codes.BAD_RUT, valores.origen, prefix + "DOCUMENTO"))
        elif tipo is TipoDoc.CI and not check_ci(documento):
            self._find(found(codes.BAD_CI, valores.origen, prefix + "DOCUMENTO"))
        elif tipo is None:
            missing(valores.origen, prefix + "TIPO_DOC", self.lectura)
        return tipo

    def _traslado(self) -> Traslado | None:
        valores = self._only("TRASLADO")
        if valores is None:
            return None
        documento = valores.text("PROPIETARIO_DOCUMENTO")
        tipo_doc = self._tipo_doc(valores, "PROPIETARIO_") if documento else None
        return Traslado(
            origen=valores.origen,
            motivo=valores.text("MOTIVO"),
            tipo_doc=tipo_doc,
            pais=_pais(tipo_doc, valores.text("PROPIETARIO_PAIS")),
            documento=documento if tipo_doc else "",
            nombre=valores.text("PROPIETARIO_NOMBRE"),
            ajenos=any(valores.has(name) for name in ("AJENOS", "PROPIETARIO_DOCUMENTO", "PROPIETARIO_NOMBRE")),
        )

    def _mandante(self) -> Mandante | None:
        valores = self._only("MANDANTE")
        cifrado = next((section for section in self.sealed), None)
        if valores is None and cifrado is None:
            return None
        valores = valores or Valores(cifrado or _NOWHERE)
        rut, documento, cifrar = valores.text("RUT"), valores.text("DOCUMENTO"), valores.text("CIFRAR")
        if rut and rut != self.emisor.rut:
            self._find(found(codes.OTHER_ISSUER, valores.origen, "RUT", rut=self.emisor.rut))
        tipo_doc = self._tipo_doc(valores, "") if documento else None
        return Mandante(
            origen=valores.origen,
            tipo_doc=tipo_doc,
            pais=_pais(tipo_doc, valores.text("PAIS")),
            documento=documento if tipo_doc else "",
            nombre=valores.text("NOMBRE"),
            cifrado=cifrado.text if cifrado else "",
            cifrar=bool(int(cifrar)) if cifrar else None,
        )

    def _lineas(self) -> tuple[tuple[Linea, ...], bool]:
        """The lines that could be understood, and whether those are all."""
        items = self.groups["ITEM"]
        for loose in self.retenciones.get(-1, ()) if self.lectura.tipo else ():
            self._find(codes.LOOSE_RETENTION.at(line=loose.origen.line))
        if not items and self.lectura.tipo and not self.is_partial:
            missing(Section("ITEM", self.documento.origen.line), "DETALLE", self.lectura)
        lineas = [self._linea(item, self.retenciones.get(n, ())) for n, item in enumerate(items)]
        understood = tuple(linea for linea in lineas if linea is not None)
        return understood, len(understood) == len(lineas)

    def _resguardo(self) -> tuple[tuple[Linea, ...], bool]:
        """The lines of an e-Resguardo: its withholdings, one each; and whether those are all."""
        tables = [valores for group in self.retenciones.values() for valores in group]
        if not tables and not self.is_partial:
            missing(Section("RETENCION", self.documento.origen.line), "CODIGO", self.lectura)
        lineas: list[Linea] = []
        for valores in tables:
            retencion = self._retencion(valores)
            if retencion is not None:
                ind_fact = IndFact.A_ANULAR if valores.text("ANULA") else None
                lineas.append(Linea(origen=valores.origen, ind_fact=ind_fact, retenciones=(retencion,)))
        return tuple(lineas), len(lineas) == len(tables)

    def _linea(self, item: Valores, retenciones: Sequence[Valores]) -> Linea | None:
        require(item, self.lectura)
        remito = self.tipo.familia.is_remito
        ind_fact = self._ind_fact(item, obligatory=self.lectura.tipo is not None and not remito)
        tables = [self._retencion(valores) for valores in retenciones]
        if item.broken or (ind_fact is None and not remito) or None in tables:
            return None
        if self.tipo.familia is Familia.E_REM:
            return self._goods(item, ind_fact)
        precio = price_line(item, gratis=ind_fact is IndFact.GRATIS)
        if isinstance(precio, Finding):
            if self.lectura.tipo:
                self._find(precio)
            return None
        return replace(
            self._goods(item, ind_fact),
            agente=item.text("AGENTE"),
            cantidad=precio.cantidad,
            precio=precio.precio,
            descuento_porc=item.number("DESCUENTO_PORC"),
            descuento=precio.descuento,
            subdescuentos=_parts(item, "SUBDESCUENTO"),
            recargo_porc=item.number("RECARGO_PORC"),
            recargo=precio.recargo,
            subrecargos=_parts(item, "SUBRECARGO"),
            importe=precio.importe,
            retenciones=tuple(table for table in tables if table is not None),
        )

    def _goods(self, item: Valores, ind_fact: IndFact | None) -> Linea:
        """What a line is of, without what it costs."""
        cantidad = item.number("CANTIDAD")
        return Linea(
            origen=item.origen,
            codigos=tuple(
                (item.text(kind) or "INT1", item.text(code)) for code, kind in _CODE_FIELDS if item.text(code)
            ),
            ind_fact=ind_fact,
            detalle=item.text("DETALLE"),
            ncm=item.text("NCM"),
            descripcion=item.text("DESCRIPCION"),
            cantidad=Decimal(1) if cantidad is None else cantidad,
            unidad=item.text("UNIDAD") or "N/A",
        )

    def _ind_fact(self, valores: Valores, *, obligatory: bool) -> IndFact | None:
        by_name, by_code = valores.text("IVA"), valores.text("IND_FACT")
        if by_name and by_code and by_name != by_code:
            detail = f"IVA y IND_FACT no dicen lo mismo ({valores.origen.text_of('IVA')} y {by_code})"
            self._find(found(codes.IVA_NOT_ALLOWED, valores.origen, "IND_FACT", detalle=detail))
        code = by_code or by_name
        if code:
            return IndFact(int(code))
        if obligatory and not valores.broken & {"IVA", "IND_FACT"}:
            missing(valores.origen, "IVA", self.lectura)
        return None

    def _retencion(self, valores: Valores) -> Retencion | None:
        require(valores, self.lectura)
        if valores.broken or not valores.has("CODIGO"):
            return None
        tasa, base, valor = valores.number("TASA"), valores.number("BASE"), valores.number("VALOR")
        codigo = valores.text("CODIGO")
        if valor is None and (tasa is None or base is None):
            self._find(found(codes.RETENTION_VALUE, valores.origen, "VALOR", codigo=codigo))
            return None
        if valor is None:
            valor = round_half_up((tasa or Decimal(0)) * (base or Decimal(0)) / 100)
        return Retencion(
            origen=valores.origen,
            codigo=codigo,
            tasa=tasa,
            base=base,
            informacion=valores.text("INFORMACION"),
            valor=valor,
        )

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
                ind_fact=self._ind_fact(valores, obligatory=False),
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


def _parts(item: Valores, name: str) -> tuple[tuple[str, Decimal], ...]:
    """What a line's discount or surcharge is made of: 1 money or 2 percent, and how much."""
    if not any(field.startswith(name) for field in item.numbers):
        return ()
    parts = ((item.text(f"{name}_CLASE{end}") or "1", item.number(name + end)) for end in part_suffixes())
    return tuple((clase, valor) for clase, valor in parts if valor)


def _guess(documento: str) -> TipoDoc | None:
    if documento.isdigit():
        if len(documento) == 12:
            return TipoDoc.RUT
        if len(documento) in _LARGO_CI:
            return TipoDoc.CI
    return None


def _pais(tipo_doc: TipoDoc | None, given: str) -> str:
    if tipo_doc is None:
        return ""
    return given or ("UY" if tipo_doc.is_local else "" if tipo_doc is TipoDoc.DNI else "99")


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
