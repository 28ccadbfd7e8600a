"""The catalogue of codes of what goes to DGI: sobres, daily reports, rates. Codes are stable for ever."""

from sincronizador.core.finding import Rule

SOBRE_REFUSED = Rule(
    "E3721",
    "Sobre rechazado por DGI",
    "DGI rechazó el sobre {idemisor} del emisor {rut}, con {cuantos} comprobantes: {detalle}.",
    "{remedio}",
    "Formato Mensaje de Respuesta v19",
)
DOCUMENT_REJECTED = Rule(
    "E3722",
    "Comprobante rechazado por DGI",
    "DGI rechazó {slug} del emisor {rut}: {detalle}.",
    "{remedio}",
    "Formato Mensaje de Respuesta v19",
)
DOCUMENT_HELD = Rule(
    "E3731",
    "Comprobante que DGI no aceptó y espera a una persona",
    "DGI no aceptó {slug} del emisor {rut}: {detalle}.",
    "{remedio} Después, «sincronizador nube dgi resolver {slug}».",
    "Formato Mensaje de Respuesta v19",
)
LINE_DOWN = Rule(
    "E3723",
    "Sin respuesta de DGI",
    "Desde el {fecha} no se puede hablar con DGI por el emisor {rut}: {detalle}.",
    "Se sigue intentando y no se pierde nada. Si no es una caída de DGI, revise la conexión y la tabla [dgi].",
)
UNSENT = Rule(
    "E3724",
    "Comprobantes sin acuse de DGI",
    "El emisor {rut} tiene {cuantos} comprobantes sin acuse de DGI hace más de {horas} horas; el primero, {slug}.",
    "Vea «sincronizador nube dgi estado».",
)
REPORT_REFUSED = Rule(
    "E3725",
    "Reporte diario rechazado por DGI",
    "DGI no aceptó el reporte del {fecha} (secuencia {secuencia}) del emisor {rut}: {detalle}.",
    "{remedio}",
    "Formato Reporte v13.2",
)
REPORT_LATE = Rule(
    "E3726",
    "Reporte diario atrasado",
    "El reporte del {fecha} del emisor {rut} todavía no fue aceptado por DGI.",
    "Vea «sincronizador nube dgi estado»; el plazo vence a las 18 horas del día hábil siguiente.",
    "Formato Reporte v13.2",
)
REPORT_WAITS = Rule(
    "E3727",
    "Reporte diario que espera",
    "El reporte del {fecha} del emisor {rut} espera: {detalle}",
    "Sale solo cuando se corrija; el plazo vence a las 18 horas del día hábil siguiente.",
    "Formato Reporte v13.2",
)
INCONSISTENT = Rule(
    "E3728",
    "Reporte diario con diferencias",
    "DGI encontró diferencias en el reporte del {fecha} (secuencia {secuencia}) del emisor {rut}: {detalle}.",
    "Véalas en el portal de DGI; si falta un comprobante, al llegar el reporte se manda otra vez solo.",
)
STRANGE_ANSWER = Rule(
    "E3729",
    "Respuesta de DGI que no se entiende",
    "DGI contestó algo que no es lo que se le preguntó: {detalle}.",
    "Se vuelve a preguntar.",
)
FAULT = Rule(
    "E3730",
    "DGI no atendió el pedido",
    "DGI contestó {codigo} ({detalle}) al pedido del emisor {rut}.",
    "{remedio}",
)
NOT_HELD = Rule(
    "E3732",
    "Comprobante que no espera a nadie",
    "{valor} no está entre los comprobantes que DGI no aceptó y esperan a una persona.",
    "Véalos con «sincronizador nube dgi estado».",
)
CONTINGENCY_BEGAN = Rule(
    "E3733",
    "Empezó una contingencia: avise a DGI",
    "La instalación {codigo} (emisor {rut}, sucursal {sucursal}) firma sin línea desde el {inicio}. Motivo: {motivo}.",
    "Comunique a DGI el inicio en el formulario «Comunicación de contingencia» (portal e-Factura, Contingencia) y dé "
    "esta alarma por atendida.",
    "Resolución 798/2012, numeral 17",
)
CONTINGENCY_OVER = Rule(
    "E3734",
    "Terminó una contingencia: avise a DGI",
    "La instalación {codigo} (emisor {rut}, sucursal {sucursal}) volvió a emitir en línea el {fin}; firmaba sin línea "
    "desde el {inicio}. Motivo: {motivo}. Entregó hasta ahora: {entregados}.",
    "Comunique a DGI el final en el formulario «Comunicación de contingencia» (portal e-Factura, Contingencia); la "
    "hora exacta está en las novedades de la instalación. Después dé esta alarma por atendida.",
    "Resolución 798/2012, numeral 17",
)
CAE_UNUSED = Rule(
    "E3735",
    "CAE vencido con números sin usar",
    "El CAE {cae} del emisor {rut} (tipo {tipo}) venció el {fecha}: se anularon {cuantos} números que nadie usó "
    "({rangos}), y el reporte diario del {dia} los dice.",
    "{resto} Pida menos números la próxima vez, si son muchos.",
    "Formato CAE v05; Formato Reporte v13.2",
)

UNSORTABLE = Rule(
    "E3736",
    "Comprobante que no se puede enviar a DGI",
    "El comprobante {slug} del emisor {rut} no se puede leer para enviarlo: {detalle}.",
    "Quedó guardado. Avise a quien mantiene el programa.",
)

NO_TEST_SETS_HERE = Rule(
    "E3780",
    "Los comprobantes de prueba no van a producción",
    "Esta nube es de producción: lo que se emita en ella vale, y DGI no lo cuenta como prueba.",
    'Haga otra nube con ambiente = "prueba", con el certificado y los CAE de prueba de la empresa.',
)
NO_OFFICES_FOR_SET = Rule(
    "E3781",
    "La nube no habla con DGI",
    "La configuración de la nube no tiene la tabla [dgi]: los comprobantes de prueba no irían a ningún lado.",
    "Agregue la tabla [dgi], aunque esté vacía, y arranque «sincronizador nube servir».",
)
SET_STOPPED = Rule(
    "E3782",
    "No se pudo emitir un comprobante de prueba",
    "El comprobante de prueba {clave} no se pudo emitir: {detalle}.",
    "Corrija lo que dice y vuelva a correr «sincronizador nube homologar»: sigue donde estaba.",
)

RULES: tuple[Rule, ...] = tuple(value for value in list(globals().values()) if isinstance(value, Rule))
"""All of the above, in order of code."""
