"""
What must be done about each code that DGI, its services or a receiver answer. One table, read by everybody.

Formato Mensaje de Respuesta v19, tables 4.1 to 4.4; ExcepcionesServicios.xsd. What DGI says of each is in its words.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

NORM = "Formato Mensaje de Respuesta v19"
SERVICIOS = "ExcepcionesServicios.xsd"
REGULARIZACION = "Regularización de comprobantes rechazados por montos no habituales v02"
DIAS_PARA_REGULARIZAR = 60
"""Days since DGI received the envelope."""


class Act(StrEnum):
    """What comes next."""

    DONE = "listo"
    RESEND = "reenviar"
    """Mend the envelope or the report and send the same documents in a new one."""
    QUERY = "consultar"
    """Ask DGI what it has, and go on from there."""
    THERE = "ya_esta"
    """It arrived before: ask for what was answered then."""
    REISSUE = "anular_y_emitir"
    """The number is annulled; the sale needs another document."""
    CORRECT = "corregir"
    """A paper of contingency: correct it and send it again with its number."""
    WAIT = "esperar"
    """Nothing is wrong: the same again, later."""
    NOTE = "nota"
    """A receiver does not want it. For DGI it is valid: agree with the customer, undo it with a note."""
    PERSON = "persona"
    """Nothing goes on by itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Remedy:
    """A code and what is done about it."""

    code: str
    act: Act
    que: str
    """What it means, in DGI's words."""
    sentence: str
    """What the person must do or know, in Spanish."""
    annuls: bool = False
    """Whether the number is annulled by it and goes as such into the daily report."""
    norm: str = NORM


def _rows(norm: str, *rows: tuple[str, Act, str, str]) -> dict[str, Remedy]:
    return {code: Remedy(code=code, act=act, que=que, sentence=text, norm=norm) for code, act, que, text in rows}


_AGAIN = "DGI no tomó el sobre; sus comprobantes no cambian y se envían en otro sobre"
_REPROCESS = (
    "Si el importe es correcto, pida en el portal de e-Factura que lo reprocesen, dentro de los "
    f"{DIAS_PARA_REGULARIZAR} días"
)
_NUMBER = "El número queda anulado y se informa así en el reporte diario; la venta se emite otra vez con otro número"
_TALK = "El comprobante sigue siendo válido para DGI: acuerde con el cliente y, si corresponde, emita una nota"

SOBRE = _rows(
    f"{NORM}, 4.2",
    ("S01", Act.RESEND, "Formato del archivo no es el indicado", f"{_AGAIN}. Avise a quien mantiene el programa."),
    ("S02", Act.PERSON, "No coincide RUC de Sobre, Certificado, envío o CFE",
     "Revise que el certificado instalado sea de la empresa que emite; después se envían en otro sobre."),
    ("S03", Act.PERSON, "Certificado electrónico no es válido",
     "Revise la vigencia del certificado y que esté habilitado en DGI; después se envían en otro sobre."),
    ("S04", Act.RESEND, "No cumple validaciones según Formato de sobre",
     f"{_AGAIN}. Avise a quien mantiene el programa."),
    ("S05", Act.RESEND, "No coinciden cantidad CFE de carátula y contenido", f"{_AGAIN}."),
    ("S06", Act.RESEND, "No coinciden certificado de sobre y comprobantes",
     f"{_AGAIN}, uno por cada certificado con que se firmaron."),
    ("S07", Act.RESEND, "Sobre enviado supera el tamaño máximo admitido", f"{_AGAIN}, más chico."),
    ("S08", Act.THERE, "Sobre enviado ya existe en los registros de DGI",
     "DGI ya tenía el sobre: se consulta qué respondió."),
    ("S20", Act.THERE, "Sobre enviado ya existe en los registros del receptor",
     "El cliente ya tenía el sobre: se espera su respuesta."),
)  # fmt: skip
"""Why an envelope was rejected."""

_REJECTIONS = _rows(
    f"{NORM}, 4.3",
    ("E01", Act.REISSUE, "Tipo y Nº de CFE ya fue reportado como anulado", f"{_NUMBER}."),
    ("E02", Act.THERE, "Tipo y Nº de CFE ya existe en los registros",
     "DGI ya tenía el comprobante: se consulta qué respondió cuando lo recibió. El número no se anula."),
    ("E03", Act.REISSUE, "Tipo y Nº de CFE no se corresponden con el CAE",
     f"{_NUMBER}. Revise antes que el CAE importado sea el que dio DGI."),
    ("E04", Act.REISSUE, "Firma electrónica no es válida",
     f"{_NUMBER}. Revise antes el certificado: DGI no lo reconoce o no verificó la firma."),
    ("E05", Act.REISSUE, "No cumple validaciones de Formato comprobantes",
     f"{_NUMBER}. Corrija antes lo que dice el detalle."),
    ("E06", Act.PERSON, "Importe informado en el CFE excede montos habituales",
     f"{_REPROCESS}; si es un error, anule el número y emita la venta otra vez."),
    ("E07", Act.REISSUE, "Fecha Firma de CFE no se corresponde con fecha CAE",
     f"{_NUMBER}. Revise antes la fecha de la computadora y la vigencia del CAE."),
    ("E08", Act.REISSUE, "No coincide RUC de CFE y Complemento Fiscal", f"{_NUMBER}. Revise antes el mandante."),
    ("E09", Act.PERSON, "RUC emisor y/o tipo de CFE no se corresponden con el CAE",
     "El número no se anula. Revise con DGI el CAE y los tipos de comprobante habilitados, y envíelo otra vez."),
    ("E10", Act.REISSUE, "Tipo de cambio no válido", f"{_NUMBER}, con la cotización correcta."),
    ("E11", Act.REISSUE, "Tipo de CAE especial del CFE no se corresponde con el CAE",
     f"{_NUMBER}. Revise antes el régimen de la empresa en la configuración y en sus CAE."),
    ("E12", Act.REISSUE, "Información en Zona de Referencia no existe en los registros",
     f"{_NUMBER}, cuando DGI tenga el comprobante al que se refiere."),
    ("E13", Act.REISSUE, "Tipo de CAE del CFE no se corresponde con el CAE utilizado",
     f"{_NUMBER}. Revise antes el CAE importado."),
    ("E14", Act.PERSON, "Irregularidades detectadas",
     "El número queda anulado. La empresa debe hablar con DGI antes de volver a emitir."),
    ("E15", Act.PERSON, "Deudor contumaz sin informar situación",
     "El número queda anulado. La empresa debe hablar con DGI por el cliente, declarado deudor contumaz."),
)  # fmt: skip
_KEPT = frozenset({"E02", "E06", "E09"})
"""Rejections whose number is not annulled, or not before a person says so. Formato Mensaje de Respuesta v19, 1."""
CFE = {
    code: Remedy(
        code=code, act=row.act, que=row.que, sentence=row.sentence, annuls=code not in _KEPT,
        norm=REGULARIZACION if code == "E06" else row.norm,
    )
    for code, row in _REJECTIONS.items()
}  # fmt: skip
"""Why DGI rejected a document. What is rejected is annulled, but for what DGI already had (E02) and E09."""

CFC = _rows(
    f"{NORM}, 4.4",
    *(
        (code, Act.CORRECT, que, f"{cure} y vuelva a cargar el papel: se envía otra vez con su número.")
        for code, que, cure in (
            ("C03", "Constancia no autorizada según registros", "Revise el número de constancia del talonario"),
            ("C04", "Firma electrónica no es válida", "Revise el certificado"),
            ("C05", "No cumple validaciones de Formato comprobantes", "Corrija lo que dice el detalle"),
            ("C08", "No coincide RUC de CFC y Complemento Fiscal", "Corrija el mandante"),
            ("C09", "Tipo de CFC recibido no figura en la base de CFE certificados",
             "Revise con DGI los tipos de comprobante habilitados"),
            ("C10", "Tipo de cambio no válido", "Corrija la cotización"),
            ("C11", "Tipo de constancia especial del CFC no se corresponde con la constancia",
             "Revise la constancia del talonario"),
            ("C12", "Información en Zona de Referencia no existe en nuestros registros",
             "Corrija a qué comprobante se refiere, o espere a que DGI lo tenga,"),
            ("C13", "Tipo de constancia del CFC no se corresponde con la constancia",
             "Revise la constancia del talonario"),
        )
    ),
    ("C06", Act.PERSON, "Importe informado en el CFC excede montos habituales",
     f"{_REPROCESS}; si es un error, vuelva a cargar el papel corregido."),
    ("C14", Act.PERSON, "Irregularidades detectadas", "La empresa debe hablar con DGI; el papel sigue siendo válido."),
    ("C15", Act.PERSON, "Deudor contumaz sin informar situación",
     "La empresa debe hablar con DGI por el cliente, declarado deudor contumaz; el papel sigue siendo válido."),
)  # fmt: skip
"""Why DGI observed a paper of contingency, which stays valid: the paper is the document."""

REPORTE = _rows(
    f"{NORM}, 4.1",
    ("R01", Act.RESEND, "Formato del archivo no es el indicado",
     "DGI no tomó el reporte: se arma y se envía otra vez. Avise a quien mantiene el programa."),
    ("R02", Act.PERSON, "No coincide RUC en Reporte, Certificado o envío",
     "Revise que el certificado instalado sea de la empresa que emite; después se envía otra vez."),
    ("R03", Act.PERSON, "Firma o Certificado electrónicos no son válidos",
     "Revise la vigencia del certificado y que esté habilitado en DGI; después se envía otra vez."),
    ("R04", Act.RESEND, "No cumple validaciones según Formato de Reporte",
     "DGI no tomó el reporte: corrija lo que dice el detalle; se arma y se envía otra vez."),
    ("R05", Act.QUERY, "La secuencia indicada en el reporte no es correcta",
     "Se consulta qué reportes de ese día tiene DGI y se envía con la secuencia que sigue."),
    ("R06", Act.WAIT, "Fecha recepción no puede ser menor a fecha resumen",
     "El día del reporte no terminó para DGI: se envía otra vez más tarde. Revise la fecha de la computadora."),
)  # fmt: skip
"""Why a daily report was rejected."""

SIN_MOTIVO = "Motivo comercial"
"""What is said of E27 to E60, which the parties agree on."""
_COMERCIALES = {
    "E20": "Orden de compra vencida",
    "E21": "Mercadería en mal estado",
    "E22": "Proveedor inhabilitado por organismo de contralor",
    "E23": "Contraprestación no recibida",
    "E24": "Diferencia precios y/o descuentos",
    "E25": "Factura con error cálculos",
    "E26": "Diferencia con plazos",
    **{f"E{number}": SIN_MOTIVO for number in range(27, 61)},
}
COMERCIAL = _rows(
    f"{NORM}, 4.3",
    *((row.code, Act.NOTE, row.que, f"El cliente no acepta el comprobante. {_TALK}.") for row in _REJECTIONS.values()
      if row.code != "E01"),
    *((code, Act.NOTE, que, f"El cliente no acepta el comprobante. {_TALK}.") for code, que in _COMERCIALES.items()),
)  # fmt: skip
"""Why a receiver does not accept a document."""

SERVICIO = _rows(
    SERVICIOS,
    ("1", Act.QUERY, "El XML token recibido no está bien formado", "Se pide otra vez con qué consultar el sobre."),
    ("2", Act.QUERY, "El IdReceptor debe ser un número positivo", "Se pide otra vez con qué consultar el sobre."),
    ("3", Act.QUERY, "El Token corresponde a otro IdReceptor", "Se pide otra vez con qué consultar el sobre."),
    ("4", Act.PERSON, "El Token corresponde a otro RUC",
     "Revise que el certificado instalado sea de la empresa que emite."),
    ("5", Act.PERSON, "Error al validar el Certificado", "Revise el certificado con que se conecta a DGI."),
    ("6", Act.PERSON, "No se ha podido determinar el RUC del consumidor del Servicio Web",
     "Revise que el certificado sea de persona jurídica y diga el RUC de la empresa."),
    ("7", Act.PERSON, "No se ha podido determinar el Documento del consumidor del Servicio Web",
     "Revise que el certificado sea de persona jurídica y diga el RUC de la empresa."),
    ("8", Act.PERSON, "Usuario no válido", "Pida a DGI que habilite a la empresa en ese ambiente."),
    ("9", Act.PERSON, "Usuario no autorizado", "Pida a DGI que habilite a la empresa en ese ambiente."),
    ("10", Act.PERSON, "Usuario no autorizado", "Pida a DGI que habilite a la empresa en ese ambiente."),
    ("11", Act.RESEND, "Sobre enviado supera el tamaño máximo admitido", f"{_AGAIN}, más chico."),
    ("12", Act.PERSON, "Error al validar el Certificado", "Revise el certificado con que se conecta a DGI."),
    ("13", Act.WAIT, "Su envío aún no ha sido procesado", "DGI todavía no respondió: se consulta más tarde."),
    ("99", Act.WAIT, "Información aún no disponible", "DGI todavía no respondió: se consulta más tarde."),
    ("100", Act.WAIT, "El método invocado ha detectado una excepción en su ejecución",
     "Falló el servicio de DGI: se prueba más tarde."),
    ("101", Act.PERSON, "Error de Seguridad en la invocación", "Revise el certificado con que se conecta a DGI."),
    ("102", Act.WAIT, "El método invocado ha detectado una excepción en su ejecución",
     "Falló el servicio de DGI: se prueba más tarde."),
    ("103", Act.PERSON, "El RUC no es Emisor Electrónico",
     "DGI no tiene a la empresa como emisor electrónico en ese ambiente: complete el ingreso al régimen."),
    ("104", Act.QUERY, "Excepción en la ejecución, o no existe un sobre con dicho Id Receptor para el RUC",
     "Se consulta qué sobres tiene DGI."),
    ("105", Act.WAIT, "El sobre con el Id Receptor especificado aún no ha sido procesado",
     "DGI todavía no respondió: se consulta más tarde."),
    ("108", Act.THERE, "Sobre duplicado", "DGI ya tenía el sobre: se consulta qué respondió."),
    ("109", Act.THERE, "Reporte duplicado", "DGI ya tenía el reporte: se consulta qué respondió."),
    ("111", Act.PERSON, "RUCEmisor o IdEmisor exceden el largo permitido",
     "Revise el RUT de la empresa en la configuración y avise a quien mantiene el programa."),
    *(
        (code, Act.PERSON, que, "Revise en el portal de e-Factura cómo va el ingreso al régimen de la empresa.")
        for code, que in (
            ("201", "Certificación: No se encontró postulación en estado requerido"),
            ("202", "Certificación: Postulación de tipo no esperado"),
            ("211", "Certificación: No se encuentra el sobre"),
            ("212", "Certificación: El sobre incluye al menos un CFE que no tiene el CAE solicitado"),
            ("221", "Certificación: No se encuentra el reporte"),
            ("222", "Certificación: Error inesperado en Gestión"),
            ("223", "Certificación: El reporte se encuentra gestionado"),
            ("224", "Certificación: No se encontró el reporte en estado procesado"),
        )
    ),
    ("225", Act.PERSON, "Certificación: Los comprobantes recibidos no cumplen con la cantidad exigida",
     "Envíe otra vez todos los comprobantes de la prueba y su reporte."),
    ("226", Act.PERSON, "Certificación: Los comprobantes anulados no cumplen con la cantidad exigida",
     "Envíe otra vez todos los comprobantes de la prueba y su reporte."),
    ("227", Act.PERSON, "Certificación: Los comprobantes deben ser de al menos dos fechas de emisión",
     "Envíe otra vez los comprobantes de la prueba, de dos fechas distintas."),
)  # fmt: skip
"""What the services answer instead, by the number of the fault."""

ESTADO = _rows(
    NORM,
    ("AS", Act.QUERY, "sobre recibido", "Se consulta qué decidió DGI de cada comprobante."),
    ("BS", Act.PERSON, "sobre rechazado", "DGI no tomó el sobre y no dice por qué."),
    ("AE", Act.DONE, "CFE recibido", "DGI tiene el comprobante."),
    ("BE", Act.PERSON, "CFE rechazado", "DGI rechazó el comprobante y no dice por qué."),
    ("CE", Act.PERSON, "CFC observado", "DGI observó el papel de contingencia y no dice por qué."),
    ("FE", Act.PERSON, "reliquidado", "DGI reliquidó el comprobante: mire en el portal de e-Factura por qué."),
    ("AR", Act.WAIT, "reporte recibido", "DGI tiene el reporte y todavía no lo procesó."),
    ("BR", Act.PERSON, "reporte rechazado", "DGI no tomó el reporte y no dice por qué."),
    ("DR", Act.DONE, "reporte procesado", "El reporte coincide con lo que DGI tiene."),
    ("ER", Act.PERSON, "reporte gestionado: tiene inconsistencias",
     "El reporte no coincide con lo que DGI tiene: mire en el portal de e-Factura en qué, y corrija lo que falte."),
    ("FR", Act.PERSON, "reporte reliquidado", "DGI reliquidó el reporte: mire en el portal de e-Factura qué cambió."),
)  # fmt: skip
"""What a state means when it comes without a reason."""

_AGAINST = ("B", "C")
"""How the states begin that have reasons: rejected, observed."""
_UNUSUAL = ("E06", "C06")
_DGI: Mapping[str, Remedy] = {**SOBRE, **CFE, **CFC, **REPORTE}


def remedy(code: str) -> Remedy:
    """What to do about a reason of DGI, of an envelope, a document or a report: ``S05``, ``E02``, ``C10``, ``R05``."""
    return _DGI.get(code) or _unknown(code)


def fault_remedy(code: int) -> Remedy:
    """What to do about what a service of DGI answered instead."""
    return SERVICIO.get(str(code)) or _unknown(str(code))


def receiver_remedy(code: str) -> Remedy:
    """What to do about a reason of a receiver, about an envelope or a document."""
    return COMERCIAL.get(code) or SOBRE.get(code) or _unknown(code)


def decision(estado: str, codes: Iterable[str]) -> Remedy:
    """
    What to do about what DGI decided: the one remedy of all its reasons.

    Never annuls what one of the reasons says that DGI has (E02), or keeps (E09). E06 alone waits for a person; beside
    another reason it may not be regularised. Without reasons the state speaks.
    """
    found = [remedy(code) for code in codes] if estado[:1] in _AGAINST else []
    return min(found, key=_rank) if found else ESTADO.get(estado) or _unknown(estado)


def _rank(row: Remedy) -> int:
    """What goes first: what keeps the number, what takes it (before all for a person), the rest, an unusual amount."""
    if row.act is Act.THERE or row.code == "E09":
        return 0 if row.act is Act.THERE else 1
    if row.code in _UNUSUAL:
        return 6
    return (2 if row.annuls else 4) + (row.act is not Act.PERSON)


def _unknown(code: str) -> Remedy:
    return Remedy(
        code=code, act=Act.PERSON, que="código que no está en las tablas",
        sentence="DGI respondió con un código desconocido: mire en el portal de e-Factura y avise a quien mantiene el "
        "programa.",
    )  # fmt: skip
