"""What people write for our sections and fields: other words of the trade, and the official names of the elements."""

from collections.abc import Mapping

from sincronizador.countries.uy.fields import BY_SECTION, SECCIONES

_SECCIONES = {
    "ARTICULO": "ITEM",
    "CABECERA": "DOCUMENTO",
    "CABEZAL": "DOCUMENTO",
    "CLIENTE": "RECEPTOR",
    "COMPRADOR": "RECEPTOR",
    "COMPROBANTE": "DOCUMENTO",
    "DETALLE": "ITEM",
    "ENCABEZADO": "DOCUMENTO",
    "FACTURA": "DOCUMENTO",
    "FORMA_PAGO": "PAGO",
    "LINEA": "ITEM",
    "MEDIO_PAGO": "PAGO",
    "MEDIOS_PAGO": "PAGO",
    "OBSERVACIONES": "ADENDA",
    "PRODUCTO": "ITEM",
    "RENGLON": "ITEM",
    "TICKET": "DOCUMENTO",
    "VENTA": "DOCUMENTO",
}
_CAMPOS = {
    "DOCUMENTO": {
        "CAMBIO": "COTIZACION",
        "CONDICION": "FORMA_PAGO",
        "CONDICION_PAGO": "FORMA_PAGO",
        "FECHA_EMISION": "FECHA",
        "FECHA_VENCIMIENTO": "VENCIMIENTO",
        "ID": "REFERENCIA",
        "PAGO": "FORMA_PAGO",
        "TC": "COTIZACION",
        "TIPO_CAMBIO": "COTIZACION",
        "TIPO_COMPROBANTE": "TIPO",
        "TIPO_DOCUMENTO": "TIPO",
        "VTO": "VENCIMIENTO",
    },
    "RECEPTOR": {
        "CEDULA": "DOCUMENTO",
        "CI": "DOCUMENTO",
        "CP": "CODIGO_POSTAL",
        "DOMICILIO": "DIRECCION",
        "EMAIL": "CORREO",
        "LOCALIDAD": "CIUDAD",
        "MAIL": "CORREO",
        "ORDEN_COMPRA": "COMPRA",
        "RAZON_SOCIAL": "NOMBRE",
        "RUC": "DOCUMENTO",
        "RUT": "DOCUMENTO",
        "TIPO_DOCUMENTO": "TIPO_DOC",
    },
    "ITEM": {
        "ALICUOTA": "IVA",
        "ARTICULO": "DETALLE",
        "BONIFICACION": "DESCUENTO",
        "COD": "CODIGO",
        "DTO": "DESCUENTO",
        "MONTO": "IMPORTE",
        "NOMBRE": "DETALLE",
        "PRODUCTO": "DETALLE",
        "TASA": "IVA",
        "TASA_IVA": "IVA",
        "TOTAL": "IMPORTE",
        "UM": "UNIDAD",
        "UNITARIO": "PRECIO",
        "VALOR": "IMPORTE",
    },
    "PAGO": {"FORMA_PAGO": "MEDIO", "IMPORTE": "VALOR", "MONTO": "VALOR", "RECIBIDO": "ENTREGADO"},
    "DESCUENTO": {"IMPORTE": "VALOR", "MONTO": "VALOR", "PORCENTAJE": "PORC"},
    "RECARGO": {"IMPORTE": "VALOR", "MONTO": "VALOR", "PORCENTAJE": "PORC"},
    "REFERENCIA": {"MOTIVO": "RAZON", "REFERENCIA": "VENTA"},
    "TOTALES": {
        "IMPORTE": "A_PAGAR",
        "IVA_10": "IVA_MINIMA",
        "IVA_22": "IVA_BASICA",
        "NETO_10": "NETO_MINIMA",
        "NETO_22": "NETO_BASICA",
        "TOTAL_A_PAGAR": "A_PAGAR",
    },
}


def _kin() -> Mapping[str, Mapping[str, str]]:
    kin: dict[str, Mapping[str, str]] = {"": _SECCIONES}
    for section in SECCIONES:
        rows = BY_SECTION[section]
        official = {row.element.rpartition("/")[2].upper(): name for name, row in rows.items() if row.element}
        words = {**official, **_CAMPOS.get(section, {})}
        kin[section] = {word: name for word, name in words.items() if word not in rows}
    return kin


KIN = _kin()
"""Section -> word -> the field that it means; under the empty name, of sections."""
