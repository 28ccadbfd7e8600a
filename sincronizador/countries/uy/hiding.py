"""What of a printed CFE its issuer may leave out, and what the law wants there. Formato CFE v25.2, repr. impresa."""

FREE = {
    "hora": "la hora junto a la fecha",
    "sucursal": "el nombre de la sucursal",
    "telefono": "los teléfonos",
    "entrega": "el lugar de entrega",
    "orden_compra": "la orden de compra",
    "subtotales": "los subtotales, que solo informan",
    "desglose_iva": "en los e-Tickets y sus notas, netos e IVA por tasa: puede quedar solo el total",
}
"""Name -> what it is."""
BOUND = {
    **dict.fromkeys(("emisor", "razon_social", "nombre_comercial", "domicilio", "ciudad", "regimen"), "emisor"),
    **dict.fromkeys(("ruc", "tipo", "serie", "numero", "forma_pago"), "identificación del comprobante"),
    **dict.fromkeys(("receptor", "consumo_final"), "receptor"),
    **dict.fromkeys(
        ("fecha", "moneda", "cotizacion", "lineas", "detalle", "cantidad", "precio", "importe", "total", "totales"),
        "cuerpo",
    ),
    **dict.fromkeys(("descuentos", "retenciones", "referencias", "pagos", "informacion", "leyendas"), "cuerpo"),
    **dict.fromkeys(("qr", "codigo_seguridad", "resolucion", "verificacion", "iva_al_dia"), "pie"),
    **dict.fromkeys(("cae", "rango", "vencimiento"), "pie"),
    "adenda": "adenda",
}
"""Name -> the part of the chapter that wants it."""
