"""What a file says of each line, and of what is withheld. Formato CFE v25.2, zone B."""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from sincronizador.core.finding import Finding
from sincronizador.countries.uy import codes
from sincronizador.countries.uy.comprobante import Linea, Retencion, found
from sincronizador.countries.uy.fields import code_suffixes, part_suffixes
from sincronizador.countries.uy.pricing import price_line
from sincronizador.countries.uy.tipos import Familia, IndFact
from sincronizador.countries.uy.values import Lectura, Valores, missing, require, round_half_up

_CODE_FIELDS = tuple(("CODIGO" + end, "TIPO_CODIGO" + end) for end in code_suffixes())


def read_linea(item: Valores, retenciones: Sequence[Valores], familia: Familia, lectura: Lectura) -> Linea | None:
    """A line with its withholdings, its figures in agreement; None when it could not be understood."""
    require(item, lectura)
    remito = familia.is_remito
    ind_fact = read_ind_fact(item, lectura, obligatory=lectura.tipo is not None and not remito)
    tables = [read_retencion(valores, lectura) for valores in retenciones]
    if item.broken or (ind_fact is None and not remito) or None in tables:
        return None
    if familia is Familia.E_REM:
        return _goods(item, ind_fact)
    precio = price_line(item, gratis=ind_fact is IndFact.GRATIS)
    if isinstance(precio, Finding):
        if lectura.tipo:
            lectura.findings.append(precio)
        return None
    return replace(
        _goods(item, ind_fact),
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


def read_ind_fact(valores: Valores, lectura: Lectura, *, obligatory: bool) -> IndFact | None:
    """What the law makes of it, said as IVA or as its code."""
    by_name, by_code = valores.text("IVA"), valores.text("IND_FACT")
    if by_name and by_code and by_name != by_code:
        detail = f"IVA y IND_FACT no dicen lo mismo ({valores.origen.text_of('IVA')} y {by_code})"
        lectura.findings.append(found(codes.IVA_NOT_ALLOWED, valores.origen, "IND_FACT", detalle=detail))
    code = by_code or by_name
    if code:
        return IndFact(int(code))
    if obligatory and not valores.broken & {"IVA", "IND_FACT"}:
        missing(valores.origen, "IVA", lectura)
    return None


def read_retencion(valores: Valores, lectura: Lectura) -> Retencion | None:
    """A withholding; None when it could not be understood."""
    told = len(lectura.findings)
    require(valores, lectura)
    if valores.broken or not valores.has("CODIGO"):
        return None
    tasa, base, valor = valores.number("TASA"), valores.number("BASE"), valores.number("VALOR")
    if valor is None and len(lectura.findings) > told:
        return None  # what it would be computed from is missing, and told
    codigo = valores.text("CODIGO")
    if valor is None and (tasa is None or base is None):
        lectura.findings.append(found(codes.RETENTION_VALUE, valores.origen, "VALOR", codigo=codigo))
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


def _goods(item: Valores, ind_fact: IndFact | None) -> Linea:
    """What a line is of, without what it costs."""
    cantidad = item.number("CANTIDAD")
    return Linea(
        origen=item.origen,
        codigos=tuple((item.text(kind) or "INT1", item.text(code)) for code, kind in _CODE_FIELDS if item.text(code)),
        ind_fact=ind_fact,
        detalle=item.text("DETALLE"),
        ncm=item.text("NCM"),
        descripcion=item.text("DESCRIPCION"),
        cantidad=Decimal(1) if cantidad is None else cantidad,
        unidad=item.text("UNIDAD") or "N/A",
    )


def _parts(item: Valores, name: str) -> tuple[tuple[str, Decimal], ...]:
    """What a line's discount or surcharge is made of: 1 money or 2 percent, and how much."""
    if not any(field.startswith(name) for field in item.numbers):
        return ()
    parts = ((item.text(f"{name}_CLASE{end}") or "1", item.number(name + end)) for end in part_suffixes())
    return tuple((clase, valor) for clase, valor in parts if valor)
