"""Documents of every type as TXT, drawn over the whole field table: what the law is tried on."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from functools import cache

from hypothesis import strategies as st
from ventas import HOY, RUT, uruguay

from sincronizador.core.finding import Finding
from sincronizador.core.request import Request
from sincronizador.countries.uy.ci import check_ci
from sincronizador.countries.uy.fields import BY_SECTION, VOCABULARY, Field, Kind, code_suffixes, part_suffixes
from sincronizador.countries.uy.paises import PAISES
from sincronizador.countries.uy.rut import check_rut
from sincronizador.countries.uy.tipos import REFERIBLES, Familia, IndFact, Regimen, TipoCfe
from sincronizador.countries.uy.uruguay import Uruguay
from sincronizador.formats.txt import parse

Pairs = dict[str, str]
UI = {year: Decimal("6.40") for year in range(2011, 2028)}
DIAS = st.dates(date(2011, 10, 1), HOY + timedelta(days=60))
"""FchEmis."""
SIEMPRE, AVECES, RARO = 1, 2, 6
"""One in so many."""
_LETRAS = st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="\\\x85\u2028\u2029\ufffe\uffff")
_CODIGOS = st.text("ABCXYZabcxyz0123456789 .-_&<>'\"", max_size=90)
_ESPECIALES = frozenset({IndFact.GRATIS, IndFact.NO_FACTURABLE, IndFact.NO_FACTURABLE_NEGATIVO})
_SIN_IVA = _ESPECIALES | {IndFact.EXPORTACION, IndFact.MONOTRIBUTO}
_EXONERADOS = _ESPECIALES | {IndFact.EXENTA, IndFact.EXPORTACION}
_CODIGOS_RETENCION = ("2181410", "21814651", "2183165", "1146001", "2183114", "1", "2183150", "99999999")
"""Two tax credits, then withholdings."""


@dataclass(frozen=True, kw_only=True)
class Documento:
    """A file, and the installation that it is dropped into."""

    tipo: TipoCfe
    texto: str
    regimen: str = "general"
    ajustes: dict[str, object] = field(default_factory=dict)

    @property
    def pais(self) -> Uruguay:
        """The country with the installation's settings."""
        return uruguay(regimen=self.regimen, ui=UI, **self.ajustes)

    def pedido(self) -> Request:
        """The request that it makes; the form of the TXT itself is right."""
        reading = parse(self.texto + "[FIN]\n", VOCABULARY, "utf-8")
        assert reading.findings == (), reading.findings
        return self.pais.read(reading.sections, HOY)

    def errores(self) -> Sequence[Finding]:
        """All that refuses it."""
        return [finding for finding in self.pais.check(self.pedido(), {}, HOY) if finding.is_error]


@cache
def _textos(length: int) -> st.SearchStrategy[str]:
    return st.text(_LETRAS, max_size=min(length, 60) - 1).map(lambda text: "x" + text) | st.just("Ñ" * length)


@cache
def _numeros(decimals: int, largest: str, *, signed: bool) -> st.SearchStrategy[str]:
    top = min(Decimal(largest), Decimal(99999))
    unit = 10**decimals
    least = -int(top) * unit if signed else 0
    return st.integers(least, int(top) * unit).map(lambda n: str(Decimal(n).scaleb(-decimals)))


def valores(row: Field) -> st.SearchStrategy[str]:
    """Values that a field takes, whatever the rest of the document says."""
    match row.kind:
        case Kind.TEXTO:
            return _textos(row.length)
        case Kind.CODIGO:
            return _CODIGOS.map(lambda text: ("c" + text)[: row.length].strip())
        case Kind.NUMERO:
            return _numeros(row.decimals, str(row.limit), signed=row.is_signed)
        case Kind.ENTERO:
            return st.integers(1, int(row.limit)).map(str)
        case Kind.FECHA:
            return st.dates(date(2011, 10, 1), date(2050, 12, 31)).map(str)
        case Kind.OPCION:
            return st.sampled_from(sorted(row.values))
        case Kind.DOCUMENTO:
            return st.from_regex(r"\A[1-9][0-9]{3,11}\Z")


def _checked(digits: str, length: int) -> str:
    """The digits with the last one that a RUT (12) or a CI (8) asks for; others when there is none."""
    check = check_rut if length == 12 else check_ci
    numbers = (f"{digits}{last}" for last in "0123456789")
    return next((number for number in numbers if check(number)), _PROPIO[length])


_PROPIO = {12: "215555550010", 8: "12345672"}
RUTS = st.integers(0, 10**11 - 1).map(lambda n: _checked(f"{n:011}", 12)).filter(lambda rut: rut not in (RUT, "0" * 12))
CIS = st.integers(1, 10**7 - 1).map(lambda n: _checked(f"{n:07}", 8))
_FORASTEROS = st.from_regex(r"\A[A-Z1-9][A-Z0-9]{0,19}\Z")


@st.composite
def identidades(draw: st.DrawFn, prefix: str = "", *, con_rut: bool = False, sin_nie: bool = False) -> Pairs:
    """Kind, country and number of a document."""
    kind = (
        "RUT" if con_rut else draw(st.sampled_from(("NIE", "RUT", "CI", "OTRO", "PASAPORTE", "DNI", "NIFE")[sin_nie:]))
    )
    if kind in ("RUT", "CI"):
        found = {"DOCUMENTO": draw(RUTS if kind == "RUT" else CIS)}
        found |= {"TIPO_DOC": kind} if draw(st.booleans()) else {}
        found |= {"PAIS": "UY"} if draw(st.booleans()) else {}
    elif kind == "NIE":
        found = {"TIPO_DOC": kind, "DOCUMENTO": str(draw(st.integers(1, 10**12 - 1)))}
    else:
        paises = ("AR", "BR", "CL", "PY") if kind == "DNI" else PAISES
        found = {"TIPO_DOC": kind, "DOCUMENTO": draw(_FORASTEROS), "PAIS": draw(st.sampled_from(sorted(paises)))}
        if kind != "DNI" and draw(st.booleans()):
            del found["PAIS"]
    return {prefix + name: value for name, value in found.items()}


class Dibujo:
    """One document being drawn: its type, its installation, what was decided so far."""

    def __init__(self, draw: st.DrawFn, tipo: TipoCfe) -> None:
        self.draw = draw
        self.tipo = tipo
        self.familia = tipo.familia
        regimenes = [regimen for regimen in Regimen if not (tipo.is_cuenta_ajena and regimen.has_no_iva)]
        self.regimen = draw(st.sampled_from([Regimen.GENERAL] * 5 + regimenes))
        self.parts: list[str] = []
        self.retenido = False
        self.quita = False
        self.cobranza = self._cobra()
        self.lineas: list[IndFact] = []

    def una_en(self, times: int) -> bool:
        """Yes, once in so many times."""
        return times == SIEMPRE or self.draw(st.integers(1, times)) == 1

    def _cobra(self) -> bool:
        can = BY_SECTION["DOCUMENTO"]["COBRANZA"].obligation[self.tipo.columna] != "0"
        return can and self.una_en(8)

    def escribe(self, section: str, fields: Pairs) -> None:
        """Write a section."""
        self.parts.append(f"[{section}]\n" + "".join(f"{name}={value}\n" for name, value in fields.items()))

    def campos(self, section: str, *, menos: Sequence[str] = (), fijos: Pairs | None = None) -> Pairs:
        """Values for the fields of a section: the obligatory ones, and any of the others that its type has."""
        fijos, found = fijos or {}, {}
        for row in BY_SECTION[section].values():
            if row.name in fijos:
                found[row.name] = fijos[row.name]
            elif row.name in menos or row.is_foreign(self.tipo.columna):
                continue
            elif row.is_obligatory(self.tipo.columna) or self.una_en(4):
                found[row.name] = self.draw(valores(row))
        return found

    def elige(self, *options: str) -> str:
        """One of these."""
        return self.draw(st.sampled_from(options))

    def documento(self) -> None:
        """``[DOCUMENTO]``."""
        fecha = self.draw(DIAS)
        fijos = {
            "TIPO": str(int(self.tipo)),
            "REFERENCIA": "r" + self.draw(_CODIGOS.map(lambda text: text[:49].strip())),
        }
        fijos |= {"FECHA": self.elige(f"{fecha:%d/%m/%Y}", str(fecha), f"{fecha:%Y%m%d}"), "DECIMAL": "PUNTO"}
        menos = ["PRECIOS", "COBRANZA", "SERIE", "NUMERO", "COTIZACION", "MONEDA", "COMPRA_MONEDA", "PERIODO_HASTA"]
        menos += [row for row in BY_SECTION["DOCUMENTO"] if row.startswith("CONSTANCIA")]
        menos += ["IVA_AL_DIA", "SECRETO_PROFESIONAL", "FECHA_VALOR", "COPIAS", "IMPRESORA", "AMBIENTE"]
        fields = self.campos("DOCUMENTO", menos=menos, fijos=fijos)
        fields |= self._indicadores(fecha)
        if self.compra != "1":
            fields |= self._moneda()
        if self.tipo.is_papel:
            fields |= self._papel()
        if "PERIODO_DESDE" in fields and self.una_en(AVECES):
            fields["PERIODO_HASTA"] = str(
                min(date(2050, 12, 31), date.fromisoformat(fields["PERIODO_DESDE"]) + timedelta(30))
            )
        self.escribe("DOCUMENTO", fields)

    def _moneda(self) -> Pairs:
        row = BY_SECTION["DOCUMENTO"]["MONEDA"]
        if row.is_foreign(self.tipo.columna) or self.una_en(AVECES):
            return {}
        moneda = self.draw(valores(row))
        if row.values[moneda] == "UYU":
            return {"MONEDA": moneda}
        return {"MONEDA": moneda, "COTIZACION": str(Decimal(self.draw(st.integers(1, 9_999_999))) / 1000)}

    def _indicadores(self, fecha: date) -> Pairs:
        fields: Pairs = {}
        if self.familia in (Familia.E_TCK, Familia.E_FACT):
            if self.regimen.has_no_iva:
                fields |= {"PRECIOS": "MONOTRIBUTO"} if self.una_en(AVECES) else {}
            elif self.una_en(AVECES):
                fields["PRECIOS"] = self.elige("CON_IVA", "SIN_IVA")
        if self.familia is Familia.E_BOLETA and self.una_en(AVECES):
            fields["PRECIOS"] = "SIN_IVA" if self.regimen.has_no_iva else self.elige("SIN_IVA", "CON_IMEBA")
        if self.familia is Familia.E_RESG and self.una_en(4):
            fields["FECHA_VALOR"] = str(
                date(2011, 10, 1) + (fecha - date(2011, 10, 1)) * self.draw(st.sampled_from((0, 1)))
            )
        if self.familia is Familia.E_BOLETA and self.una_en(AVECES):
            fields["COMPRA_MONEDA"] = self.elige("1", "2")
        self.compra = fields.get("COMPRA_MONEDA", "")
        self.con_imeba = fields.get("PRECIOS") == "CON_IMEBA"
        al_dia = ("SI", "NO", "MANDANTE_NO", "AMBOS_NO") if self.tipo.is_cuenta_ajena else ("SI", "NO")
        can_be_behind = self.regimen not in (Regimen.MONOTRIBUTO, Regimen.MONOTRIBUTO_MIDES)
        if (
            BY_SECTION["DOCUMENTO"]["IVA_AL_DIA"].obligation[self.tipo.columna] != "0"
            and can_be_behind
            and self.una_en(4)
        ):
            fields["IVA_AL_DIA"] = self.elige(*al_dia)
        if self.compra != "2" and self.una_en(5):
            fields["SECRETO_PROFESIONAL"] = self.elige("SI", "MANDANTE") if self.tipo.is_cuenta_ajena else "SI"
        self.secreto = "SECRETO_PROFESIONAL" in fields
        return fields | ({"COBRANZA": "SI"} if self.cobranza else {})

    def _papel(self) -> Pairs:
        numero = self.draw(st.integers(1, 9_999_999))
        desde = self.draw(st.integers(1, numero))
        fields = {
            "SERIE": self.draw(st.from_regex(r"\A([A-Z]|[A-Z][A-Z]|[1-9][A-Z])\Z")),
            "NUMERO": str(numero),
            "CONSTANCIA": str(self.draw(st.integers(1, 99_999_999_999))),
            "CONSTANCIA_DESDE": str(desde),
            "CONSTANCIA_HASTA": str(self.draw(st.integers(numero, 9_999_999))),
            "CONSTANCIA_VENCE": str(self.draw(st.dates(date(2011, 10, 1), date(2050, 12, 31)))),
        }
        if self.regimen is Regimen.EXONERADO:
            fields["CONSTANCIA_CAUSAL"] = str(self.draw(st.integers(1, 999)))
        if self.una_en(AVECES):
            fields["CONSTANCIA_ESPECIAL"] = self.regimen.name
        return fields

    def emisor(self) -> None:
        """``[EMISOR]``."""
        if self.una_en(3):
            self.escribe("EMISOR", self.campos("EMISOR", menos=["RUT", "SUCURSAL"]) | {"SUCURSAL": "12"})

    def receptor(self) -> None:
        """``[RECEPTOR]``, as its family asks for."""
        obligatory = {
            Familia.E_TCK: (),
            Familia.E_FACT: ("DOCUMENTO", "NOMBRE", "DIRECCION", "CIUDAD"),
            Familia.E_FACT_EXP: ("NOMBRE", "DIRECCION", "CIUDAD", "DEPARTAMENTO", "NOMBRE_PAIS"),
            Familia.E_REM_EXP: ("NOMBRE", "DIRECCION", "CIUDAD", "DEPARTAMENTO", "NOMBRE_PAIS"),
            Familia.E_REM: ("DOCUMENTO", "NOMBRE", "DIRECCION", "CIUDAD"),
            Familia.E_RESG: ("DOCUMENTO", "NOMBRE"),
            Familia.E_BOLETA: ("DOCUMENTO", "NOMBRE", "DIRECCION", "CIUDAD"),
        }[self.familia]
        self.rut_receptor = False
        if self.secreto and not self.familia.is_remito and self.una_en(AVECES):
            return
        fijos: Pairs = {}
        if (
            self.familia is Familia.E_FACT
            or "DOCUMENTO" in obligatory
            or self.una_en(AVECES)
            or self.familia is Familia.E_TCK
        ):
            fijos = self.draw(identidades(con_rut=self.familia is Familia.E_FACT))
        elif not obligatory:
            return
        self.rut_receptor = fijos.get("TIPO_DOC", "RUT" if len(fijos.get("DOCUMENTO", "")) == 12 else "") == "RUT"
        for name in obligatory:
            if name not in fijos:
                fijos[name] = self.draw(valores(BY_SECTION["RECEPTOR"][name]))
        menos = ["TIPO_DOC", "PAIS", "DOCUMENTO"]
        self.escribe("RECEPTOR", self.campos("RECEPTOR", menos=menos, fijos=fijos))

    def exportacion(self) -> None:
        """``[EXPORTACION]``."""
        if self.familia.is_export:
            modalidad = self.elige(
                "GENERAL", "CONSIGNACION", "PRECIO_REVISABLE", "BIENES_PROPIOS", "SERVICIOS", "91", "OTRA"
            )
            fields = {"CLAUSULA": self.draw(st.from_regex(r"\A([A-Za-z]{1,3}|N/A)\Z"))}
            self.escribe(
                "EXPORTACION",
                fields | {"MODALIDAD": modalidad, "VIA": self.draw(valores(BY_SECTION["EXPORTACION"]["VIA"]))},
            )
        elif self.familia in (Familia.E_TCK, Familia.E_FACT) and not self.tipo.is_cuenta_ajena and self.una_en(RARO):
            can = ("SERVICIOS", "TAX FREE") if self.familia is Familia.E_TCK and not self.secreto else ("SERVICIOS",)
            self.escribe("EXPORTACION", {"MODALIDAD": self.elige(*can)})

    def traslado(self) -> None:
        """``[TRASLADO]``."""
        if not self.familia.is_remito:
            return
        fields = {"MOTIVO": self.elige("VENTA", "INTERNO")}
        if self.una_en(AVECES):
            fields |= self.draw(identidades("PROPIETARIO_", sin_nie=True)) | {
                "PROPIETARIO_NOMBRE": self.draw(_textos(150))
            }
            fields |= {"AJENOS": "SI"} if self.una_en(AVECES) else {}
        self.escribe("TRASLADO", fields)

    def mandante(self) -> None:
        """``[MANDANTE]``."""
        if self.tipo.is_cuenta_ajena or self.compra == "2":
            fields = {"NOMBRE": self.draw(_textos(150))} | self.draw(identidades(con_rut=self.compra == "2"))
            fields |= {"CIFRAR": self.elige("SI", "NO")} if self.una_en(AVECES) else {}
            self.escribe("MANDANTE", fields | ({"RUT": RUT} if self.una_en(AVECES) else {}))

    def ind_facts(self) -> list[IndFact]:
        """What the lines may be."""
        if self.cobranza:
            return [IndFact.NO_FACTURABLE, IndFact.NO_FACTURABLE_NEGATIVO]
        allowed = self.familia.ind_facts
        if self.familia in (Familia.E_TCK, Familia.E_FACT):
            if self.regimen.has_no_iva:
                allowed = _SIN_IVA
            elif self.regimen is Regimen.EXONERADO:
                allowed = _EXONERADOS
            else:
                allowed = allowed if self.tipo.is_cuenta_ajena else allowed - {IndFact.MONOTRIBUTO}
        if self.familia is Familia.E_BOLETA:
            allowed = allowed - (
                {IndFact.NO_CONTRIBUYENTE} if self.rut_receptor else {IndFact.IVA_MINIMO, IndFact.IMEBA}
            )
            if not self.con_imeba or self.regimen is not Regimen.GENERAL:
                allowed = allowed - {IndFact.SUSPENSO}
            allowed = frozenset({IndFact.MONEDA_EXTRANJERA}) if self.compra else allowed - {IndFact.MONEDA_EXTRANJERA}
        return sorted(allowed)

    def detalle(self) -> None:
        """The lines, with their withholdings."""
        count = self.draw(st.integers(1, 5))
        if self.familia is Familia.E_RESG:
            for _ in range(count):
                self.escribe("RETENCION", self._retencion())
            return
        for _ in range(count):
            self._item()
        if IndFact.OTRA in self.lineas:
            self.escribe("TOTALES", {"IVA_OTRA": str(Decimal(self.draw(st.integers(1, 10**6))) / 100)})

    def _item(self) -> None:
        inds = self.ind_facts()
        is_plain = self.familia.is_remito and self.una_en(AVECES)
        ind = None if is_plain else self.draw(st.sampled_from(inds))
        self.quita = self.quita or ind is IndFact.A_RESTAR
        fields: Pairs = {}
        if ind is not None:
            fields = {"IND_FACT": str(int(ind))} if self.una_en(3) else {"IVA": ind.name}
            self.lineas.append(ind)
        fields["DETALLE"] = self.draw(_textos(80))
        for name in ("NCM", "DESCRIPCION", "UNIDAD"):
            row = BY_SECTION["ITEM"][name]
            if not row.is_foreign(self.tipo.columna) and self.una_en(3):
                fields[name] = self.draw(valores(row))
        fields |= self._codigos()
        fields |= self._cantidad() if self.familia is Familia.E_REM else self._precio(ind)
        tables = []
        if BY_SECTION["ITEM"]["AGENTE"].obligation[self.tipo.columna] != "0" and not self.secreto and self.una_en(4):
            tables = [self._retencion() for _ in range(self.draw(st.integers(1, 3)))]
            fields["AGENTE"] = self.elige("RESPONSABLE", "AGENTE", "R", "A")
        self.escribe("ITEM", fields)
        for table in tables:
            self.escribe("RETENCION", table)

    def _codigos(self) -> Pairs:
        fields: Pairs = {}
        if self.una_en(3):
            for end in code_suffixes()[: self.draw(st.integers(1, 5))]:
                fields["CODIGO" + end] = "k" + self.draw(_CODIGOS)[:30].strip()
                if self.una_en(AVECES):
                    kind, code = self.draw(
                        st.sampled_from((("PLU", "7"), ("ARCE", "a.1"), ("GTIN13", "7730001000015")))
                    )
                    fields |= {"TIPO_CODIGO" + end: kind, "CODIGO" + end: code}
        return fields

    def _cantidad(self) -> Pairs:
        return {"CANTIDAD": str(Decimal(self.draw(st.integers(1, 999_999))) / 1000)} if self.una_en(AVECES) else {}

    def _precio(self, ind: IndFact | None) -> Pairs:
        if ind is IndFact.GRATIS:
            return self._cantidad()
        places = self.draw(st.integers(0, 6))
        fields = self._cantidad() | {"PRECIO": str(Decimal(self.draw(st.integers(1, 10**7))).scaleb(-places))}
        if "CANTIDAD" not in fields and self.una_en(3):
            fields = {"IMPORTE": str(Decimal(self.draw(st.integers(1, 10**7))) / 100)}
        if self.familia.is_sale:
            fields |= self._rebajas("DESCUENTO", "SUBDESCUENTO") | self._rebajas("RECARGO", "SUBRECARGO")
        return fields

    def _rebajas(self, name: str, part: str) -> Pairs:
        if not self.una_en(4):
            return {}
        fields: Pairs = {}
        if self.una_en(AVECES):
            fields[name] = "0.0" + self.elige("1", "2")
        if not fields or self.una_en(4):
            fields[name + "_PORC"] = str(Decimal(self.draw(st.integers(1, 99_000))) / 1000)
        if name in fields and self.una_en(AVECES):
            for end in part_suffixes()[: self.draw(st.integers(1, 5))]:
                fields[part + end] = self.draw(valores(BY_SECTION["ITEM"][part]))
                fields |= {f"{part}_CLASE{end}": self.elige("MONTO", "PORCENTAJE")} if self.una_en(AVECES) else {}
        return fields

    def _retencion(self) -> Pairs:
        self.retenido = True
        codigos = _CODIGOS_RETENCION[2 * (self.familia is Familia.E_BOLETA) :]
        fields = {"CODIGO": self.elige(*codigos), "BASE": self._amount()}
        how = self.draw(st.integers(0, 2))
        fields |= {"TASA": str(Decimal(self.draw(st.integers(100, 100_000))) / 1000)} if how != 1 else {}
        fields |= {"VALOR": self._amount()} if how else {}
        if how and self.familia is not Familia.E_RESG and self.una_en(3):
            del fields["BASE"]
        fields |= {"INFORMACION": self.draw(_textos(150))} if self.una_en(4) else {}
        if self.familia is Familia.E_RESG and self.una_en(4):
            self.quita = True
            fields["ANULA"] = "SI"
        return fields

    def _amount(self) -> str:
        return str(Decimal(self.draw(st.integers(1000, 10**9))) / 100)

    def globales(self) -> None:
        """Global discounts and surcharges."""
        if not self.familia.is_sale or self.cobranza:
            return
        kinds = [ind.name for ind in self.lineas if ind is not IndFact.GRATIS]
        for _ in range(self.draw(st.integers(0, 2))):
            fields = self.campos("RECARGO", menos=["VALOR", "PORC", "IVA", "IND_FACT", "CLASE"])
            if self.una_en(AVECES):
                fields["PORC"] = str(Decimal(self.draw(st.integers(1, 90_000))) / 1000)
            else:
                fields["VALOR"] = str(Decimal(self.draw(st.integers(1, 200))) / 100)
            fields |= {"CLASE": self.elige("MONTO", "PORCENTAJE")} if self.una_en(4) else {}
            fields |= {"IVA": self.elige(*kinds)} if kinds and self.una_en(AVECES) else {}
            self.escribe(self.elige("DESCUENTO", "RECARGO"), fields)

    def lo_demas(self) -> None:
        """Subtotals, means of payment, references and what is not in the CFE."""
        for _ in range(self.draw(st.sampled_from((0, 0, 1, 2)))):
            self.escribe("SUBTOTAL", self.campos("SUBTOTAL"))
        for _ in range(self.draw(st.sampled_from((0, 0, 1, 2))) if self.familia.is_sale else 0):
            fields = self.campos("PAGO", menos=["COBRO", "MEDIO", "VALOR"])
            valor = str(Decimal(self.draw(st.integers(1, 10**9))) / 100)
            self.escribe("PAGO", fields | {"MEDIO": self.draw(valores(BY_SECTION["PAGO"]["MEDIO"])), "VALOR": valor})
        self._referencias()
        if self.una_en(RARO):
            self.parts.append("[EXTRA]\nMESA=4\n[ADENDA]\n<Gracias> & vuelva\n")

    def _referencias(self) -> None:
        own = sorted({int(self.tipo.electronico), int(self.tipo.electronico) + 100})
        if self.quita:
            self.escribe("REFERENCIA", self._referencia(own, 1))
        can = sorted(self.tipo.referible) if self.tipo.is_note else sorted(REFERIBLES)
        least = 1 if self.tipo.is_note or self.cobranza else 0
        for number in range(self.draw(st.integers(least, 3))):
            if self.una_en(4):
                self.escribe("REFERENCIA", {"GLOBAL": "SI", "RAZON": self.draw(_textos(90))})
            else:
                self.escribe("REFERENCIA", self._referencia(can, number + 2))

    def _referencia(self, tipos: Sequence[int], numero: int) -> Pairs:
        fields = {"TIPO": str(self.draw(st.sampled_from(tipos))), "SERIE": self.elige("A", "BB", "9Z")}
        fields |= {"NUMERO": str(numero * 1_000_000 + self.draw(st.integers(0, 999_999)))}
        menos = ["GLOBAL", "VENTA", "MONEDA", "COTIZACION", "FECHA"]
        fields |= {"FECHA": str(self.draw(DIAS))} if self.una_en(4) else {}
        fields = self.campos("REFERENCIA", menos=menos, fijos=fields)
        if not BY_SECTION["REFERENCIA"]["MONEDA"].is_foreign(self.tipo.columna) and self.una_en(3):
            fields |= {"MONEDA": "USD", "COTIZACION": str(Decimal(self.draw(st.integers(1, 9_999_999))) / 1000)}
        return fields


@st.composite
def documentos(draw: st.DrawFn, tipo: TipoCfe) -> Documento:
    """A document of a type that the checks take, but for figures that the drawing cannot foresee."""
    dibujo = Dibujo(draw, tipo)
    dibujo.documento()
    for part in ("emisor", "receptor", "exportacion", "traslado", "mandante", "detalle", "globales", "lo_demas"):
        getattr(dibujo, part)()
    ajustes: dict[str, object] = {"redondeo": draw(st.sampled_from(("linea", "diferencia")))}
    return Documento(tipo=tipo, texto="".join(dibujo.parts), regimen=dibujo.regimen.value, ajustes=ajustes)


_CLIENTE = (
    "[RECEPTOR]\nDOCUMENTO=215555550010\nNOMBRE=Cliente\nDIRECCION=Calle 1\nCIUDAD=Salto\nDEPARTAMENTO=Salto\n"
    "NOMBRE_PAIS=Uruguay\n"
)
_LINEA = "[ITEM]\nDETALLE=Artículo\nPRECIO=100\nIVA={}\n"
_PAPEL = (
    "FECHA=20261120\nSERIE=A\nNUMERO=7\nCONSTANCIA=90260000001\nCONSTANCIA_DESDE=1\nCONSTANCIA_HASTA=100\n"
    "CONSTANCIA_VENCE=20281121\n"
)
_MANDANTE = "[MANDANTE]\nDOCUMENTO=211003420017\nNOMBRE=Productores\n"
_EXPORTACION = "[EXPORTACION]\nCLAUSULA=FOB\nMODALIDAD=GENERAL\nVIA=MARITIMA\n"
_SECCIONES = {
    Familia.E_TCK: _CLIENTE + _LINEA.format("BASICA") + _LINEA.format("MINIMA"),
    Familia.E_FACT: _CLIENTE + _LINEA.format("BASICA") + _LINEA.format("MINIMA"),
    Familia.E_FACT_EXP: _CLIENTE + _EXPORTACION + _LINEA.format("EXPORTACION"),
    Familia.E_REM: _CLIENTE + "[TRASLADO]\nMOTIVO=VENTA\n[ITEM]\nDETALLE=Cajón\n",
    Familia.E_REM_EXP: _CLIENTE + _EXPORTACION + "[TRASLADO]\nMOTIVO=VENTA\n[ITEM]\nDETALLE=Cajón\nPRECIO=100\n",
    Familia.E_RESG: _CLIENTE + "[RETENCION]\nCODIGO=2183165\nBASE=100\nTASA=60\n",
    Familia.E_BOLETA: _CLIENTE + _LINEA.format("IMEBA"),
}


def sencillo(tipo: TipoCfe) -> str:
    """The document of a type with little more than it must have."""
    pago = "FORMA_PAGO=CONTADO\n" if tipo.familia.is_sale else ""
    head = f"[DOCUMENTO]\nTIPO={int(tipo)}\nREFERENCIA=V1\nDECIMAL=PUNTO\n{pago}{_PAPEL if tipo.is_papel else ''}"
    reference = f"[REFERENCIA]\nTIPO={min(tipo.referible)}\nSERIE=A\nNUMERO=5\nRAZON=Cambio\n" if tipo.is_note else ""
    return head + _SECCIONES[tipo.familia] + (_MANDANTE if tipo.is_cuenta_ajena else "") + reference
