"""What DGI says with each code: of a sobre, a CFE, a CFC, a daily report and a service. Formato Mensaje v19, XSD."""

from collections.abc import Mapping

SOBRE: Mapping[str, str] = {
    "S01": "Formato del archivo no es el indicado",
    "S02": "No coincide RUC de Sobre, Certificado, envío o CFE",
    "S03": "Certificado electrónico no es válido",
    "S04": "No cumple validaciones según Formato de sobre",
    "S05": "No coinciden cantidad CFE de carátula y contenido",
    "S06": "No coinciden certificado de sobre y comprobantes",
    "S07": "Sobre enviado supera el tamaño máximo admitido",
    "S08": "Sobre enviado ya existe en los registros de DGI",
}
CFE: Mapping[str, str] = {
    "E01": "Tipo y Nº de CFE ya fue reportado como anulado",
    "E02": "Tipo y Nº de CFE ya existe en los registros",
    "E03": "Tipo y Nº de CFE no se corresponden con el CAE",
    "E04": "Firma electrónica no es válida",
    "E05": "No cumple validaciones de Formato comprobantes",
    "E06": "Importe informado en el CFE excede montos habituales",
    "E07": "Fecha Firma de CFE no se corresponde con fecha CAE",
    "E08": "No coincide RUC de CFE y Complemento Fiscal",
    "E09": "RUC emisor y/o tipo de CFE no se corresponden con el CAE",
    "E10": "Tipo de cambio no válido",
    "E11": "Tipo de CAE especial del CFE no se corresponde con el CAE",
    "E12": "Información en Zona de Referencia no existe en los registros",
    "E13": "Tipo de CAE  del CFE  no se corresponde con el CAE utilizado",
    "E14": "Irregularidades detectadas",
    "E15": "Deudor contumaz sin informar situación",
}
CFC: Mapping[str, str] = {
    "C03": "Constancia no autorizada según registros",
    "C04": "Firma electrónica no es válida",
    "C05": "No cumple validaciones de Formato comprobantes",
    "C06": "Importe informado en el CFE excede montos habituales",
    "C08": "No coincide RUC de CFE y Complemento Fiscal",
    "C09": "Nº de CFC no fue autorizado según registros",
    "C10": "Tipo de cambio no válido",
    "C11": "Tipo de constancia especial del CFC no se corresponde con el constancia",
    "C12": "Información en Zona de Referencia no existe en nuestros registros",
    "C13": "Tipo de constancia del CFC no se corresponde con la constancia",
    "C14": "Irregularidades detectadas",
    "C15": "Deudor contumaz sin informar situación",
}
REPORTE: Mapping[str, str] = {
    "R01": "Formato del archivo no es el indicado",
    "R02": "No coincide RUC en Reporte, Certificado o envío",
    "R03": "Firma o Certificado electrónicos no son válidos",
    "R04": "No cumple validaciones según Formato de Reporte",
    "R05": "La secuencia indicada en el reporte no es correcta",
    "R06": "Fecha recepción no puede ser menor a fecha resumen",
}
GLOSAS: Mapping[str, str] = {**SOBRE, **CFE, **CFC, **REPORTE}
"""Every code of an answer with its Glosa, letter by letter as the schemas have it."""

_CERTIFICACION = "Certificación: "
SERVICIO: Mapping[int, str] = {
    1: "El XML token recibido no está bien formado",
    2: "El IdReceptor debe ser un número positivo",
    3: "El Token corresponde a otro IdReceptor",
    4: "El Token corresponde a otro RUC",
    5: "Error al validar el Certificado",
    6: "No se ha podido determinar el RUC del consumidor del Servicio Web",
    7: "No se ha podido determinar el Documento del consumidor del Servicio Web",
    8: "Usuario no válido",
    9: "Usuario no autorizado",
    10: "Usuario no autorizado",
    11: "Sobre enviado supera el tamaño máximo admitido",
    12: "Error al validar el Certificado",
    13: "Su envío aún no ha sido procesado",
    99: "Información aún no disponible",
    100: "El método invocado ha detectado una excepción en su ejecución.",
    101: "Error de Seguridad en la invocación",
    102: "El método invocado ha detectado una excepción en su ejecución",
    103: "El RUC no es Emisor Electrónico",
    104: "El método invocado ha detectado una excepción en su ejecución o no existe un sobre con dicho Id Receptor "
    "para el RUC especificado",
    105: "El sobre con el Id Receptor especificado aún no ha sido procesado. Vuelva a consultar luego",
    108: "Sobre duplicado",
    109: "Reporte duplicado",
    111: "RUCEmisor o IdEmisor exceden el largo permitido",
    201: _CERTIFICACION + "No se encontró postulación en estado requerido",
    202: _CERTIFICACION + "Postulación de tipo no esperado",
    211: _CERTIFICACION + "No se encuentra el sobre",
    212: _CERTIFICACION + "El sobre incluye al menos un CFE que no tiene el CAE solicitado",
    221: _CERTIFICACION + "No se encuentra el reporte",
    222: _CERTIFICACION + "Error inesperado en Gestión",
    223: _CERTIFICACION + "El reporte se encuentra gestionado",
    224: _CERTIFICACION + "No se encontró el reporte en estado procesado",
    225: _CERTIFICACION + "Los comprobantes recibidos no cumplen con la cantidad exigida en la prueba de simulación. "
    "Envíe nuevamente la totalidad de los comprobantes y el Reporte.",
    226: _CERTIFICACION + "Los comprobantes anulados recibidos no cumplen con la cantidad exigida en la prueba de "
    "simulación. Envíe nuevamente la totalidad de los comprobantes y el Reporte.",
    227: _CERTIFICACION + "Los comprobantes recibidos deben pertenecer al menos a dos fechas de emisión diferentes.",
}
"""Faults of reception and queries. ExcepcionesServicios.xsd."""

PERSONA: Mapping[int, str] = {
    1: "Error grave en la ejecución del servicio",
    5: "El largo del RUT excede los 12 caracteres",
    6: "El tipo de documento excede el largo permitido",
    7: "El tipo de documento no es válido como RUT",
    8: "La persona no tiene local principal",
    9: "El local principal no tiene domicilio",
    10: "La persona nunca tuvo actividad empresarial",
    11: "La persona tiene su actividad cancelada",
    12: "La persona tiene inicio de actividad en el futuro",
    14: "RUT no disponible para pruebas",
}
"""Faults of the taxpayers' service; the sentences are ours, DGI's document gives their sense."""


class Faulted(Exception):
    """The service answers with a fault: its code, and what it says of the case. Caught where the answer is sealed."""

    def __init__(self, code: int, detail: str = "", *, told: Mapping[int, str] = SERVICIO) -> None:
        super().__init__(detail or told.get(code, ""))
        self.code = code
        self.detail = detail
        self.description = told.get(code, "")
