"""The document between reading and drafting: typed values, each beside the section it was read from."""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from sincronizador.core.finding import Finding, Rule
from sincronizador.core.numbering import Folio
from sincronizador.core.sections import Section
from sincronizador.countries.uy.tipos import Bruto, IndFact, TipoCfe, TipoDoc


def found(rule: Rule, origen: Section, field: str, **details: object) -> Finding:
    """The finding of `rule` at a field of a section; at the section's own line when the field is absent."""
    entry = origen.get(field)
    line, value = (entry.line, entry.text) if entry else (origen.line, None)
    return rule.at(field=field, line=line, value=value, **details)


@dataclass(frozen=True, slots=True, kw_only=True)
class DatosEmisor:
    """Zone Emisor: the installation's values with what the document overrides."""

    origen: Section
    rut: str
    razon_social: str
    nombre_comercial: str
    giro: str
    telefonos: tuple[str, ...]
    correo: str
    nombre_sucursal: str
    sucursal: str
    domicilio: str
    ciudad: str
    departamento: str
    informacion: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Receptor:
    """Zone Receptor."""

    origen: Section
    tipo_doc: TipoDoc | None
    """None exactly when there is no document."""
    documento: str
    pais: str
    nombre: str
    direccion: str
    ciudad: str
    departamento: str
    nombre_pais: str
    codigo_postal: str
    informacion: str
    lugar_entrega: str
    compra: str

    @property
    def is_identified(self) -> bool:
        """Whether the law knows who it is."""
        return self.tipo_doc is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Traslado:
    """Why goods travel, and whose they are when they are somebody else's."""

    origen: Section
    motivo: str
    """TipoTraslado."""
    tipo_doc: TipoDoc | None
    """Of the owner; None exactly when there is no document."""
    pais: str
    documento: str
    nombre: str
    ajenos: bool
    """Whether the goods are somebody else's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mandante:
    """Zone K, Complemento Fiscal: for whom it is sold."""

    origen: Section
    tipo_doc: TipoDoc | None
    pais: str
    documento: str
    nombre: str
    cifrado: str
    """An EncryptedData that arrived so, canonical; then nothing else is known."""
    cifrar: bool | None
    """Whether only DGI may read it; None: as the installation is set."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Retencion:
    """A RetencPercep of a line: withholding, perception, or (codes 2181xxx) tax credit."""

    origen: Section = field(compare=False)
    codigo: str
    tasa: Decimal | None
    base: Decimal | None
    informacion: str
    valor: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Linea:
    """An Item whose three of quantity, price and amount agree; what its document does not have is zero or empty."""

    origen: Section
    codigos: tuple[tuple[str, str], ...] = ()
    """TpoCod and Cod."""
    ind_fact: IndFact | None
    """None: an ordinary line of an e-Remito or e-Resguardo."""
    agente: str = ""
    detalle: str = ""
    ncm: str = ""
    descripcion: str = ""
    cantidad: Decimal = Decimal(0)
    unidad: str = ""
    precio: Decimal = Decimal(0)
    descuento_porc: Decimal | None = None
    descuento: Decimal = Decimal(0)
    subdescuentos: tuple[tuple[str, Decimal], ...] = ()
    """What the discount is made of: DescTipo and DescVal."""
    recargo_porc: Decimal | None = None
    recargo: Decimal = Decimal(0)
    subrecargos: tuple[tuple[str, Decimal], ...] = ()
    importe: Decimal = Decimal(0)
    retenciones: tuple[Retencion, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Global:
    """A ``[DESCUENTO]`` or ``[RECARGO]`` as given: not yet told apart by tax."""

    origen: Section
    resta: bool
    """A discount; else a surcharge."""
    clase: str
    """TpoDR."""
    codigo: str
    detalle: str
    valor: Decimal | None
    porc: Decimal | None
    ind_fact: IndFact | None
    """None: spread over the taxes of the lines."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Subtotal:
    """An informative subtotal."""

    detalle: str
    orden: str
    valor: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Pago:
    """A means of payment."""

    codigo: str
    detalle: str
    orden: str
    valor: Decimal | None
    """None: all there is to pay."""
    entregado: Decimal | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Referencia:
    """A document that this one refers to, as given."""

    origen: Section
    is_whole: bool
    """All that was given could be read."""
    is_global: bool
    tipo: int
    serie: str
    numero: int
    venta: str
    """A REFERENCIA of ours in place of type, series and number."""
    razon: str
    fecha: date | None
    monto: Decimal | None
    moneda: str
    cotizacion: Decimal | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Parte:
    """A DRG_Item: what a global discount or surcharge is for one tax."""

    resta: bool
    clase: str
    codigo: str
    detalle: str
    valor: Decimal
    ind_fact: IndFact


@dataclass(frozen=True, slots=True, kw_only=True)
class Totales:
    """Zone Totales, two decimals each. Formato CFE v25.2, A112 to A130."""

    no_gravado: Decimal
    exportacion: Decimal
    percibido: Decimal
    suspenso: Decimal
    neto_minima: Decimal
    neto_basica: Decimal
    neto_otra: Decimal
    iva_minima: Decimal
    iva_basica: Decimal
    iva_otra: Decimal
    total: Decimal
    retenido: Decimal
    credito_fiscal: Decimal
    no_facturable: Decimal
    a_pagar: Decimal
    retenciones: tuple[tuple[str, Decimal], ...]
    """Code and value, summed over the lines."""

    @property
    def neto(self) -> Decimal:
        """What the threshold of the e-Ticket looks at: A112 to A118."""
        gravado = self.neto_minima + self.neto_basica + self.neto_otra
        return self.no_gravado + self.exportacion + self.percibido + self.suspenso + gravado


@dataclass(frozen=True, slots=True, kw_only=True)
class Calculo:
    """What follows from the lines: the parts of global discounts, the missing cent, the totals."""

    partes: tuple[Parte, ...]
    redondeo: Decimal
    """Value of the line «Redondeo», signed; zero: there is none."""
    totales: Totales


@dataclass(frozen=True, slots=True, kw_only=True)
class Comprobante:
    """A document, defaults fixed; what its type does not have is empty."""

    origen: Section
    """``[DOCUMENTO]``."""
    ilegibles: frozenset[str]
    """Its fields that could not be read; what depends on them is not checked."""
    tipo: TipoCfe
    folio: Folio | None
    """The number that a paper of contingency already has."""
    fecha: date
    fecha_valor: date | None
    periodo_desde: date | None
    periodo_hasta: date | None
    bruto: Bruto
    forma_pago: str
    vencimiento: date | None
    clausula: str
    modalidad: str
    via: str
    exportacion: Section
    """``[EXPORTACION]``, or the document when there is none."""
    traslado: Traslado | None
    informacion: str
    iva_al_dia: str
    secreto_profesional: str
    pagos_terceros: str
    cobranza: str
    compra_moneda: str
    mandante: Mandante | None
    moneda: str
    cotizacion: Decimal | None
    emisor: DatosEmisor
    receptor: Receptor | None
    lineas: tuple[Linea, ...]
    globales: tuple[Global, ...]
    subtotales: tuple[Subtotal, ...]
    pagos: tuple[Pago, ...]
    referencias: tuple[Referencia, ...]
    dados: tuple[tuple[str, Decimal], ...]
    """Totals that the file gave: TXT name and value."""
    calculo: Calculo | None
    """None when a line or a global discount could not be understood."""
