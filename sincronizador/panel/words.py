"""Words: what the journal's names are called on a page, and with which colour. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from sincronizador.core.answer import Estado, Motivo
from sincronizador.core.job import Impresion, Kind, Step
from sincronizador.journal.tasks import DECISION, HAND_OVER, LOOKUP, MIRROR, PRINT_LANES, REPRESENT


class Tone(StrEnum):
    """A colour; every use of it has words and a sign beside it."""

    BIEN = "bien"
    ATENCION = "atencion"
    MAL = "mal"
    NEUTRO = "neutro"


@dataclass(frozen=True, slots=True)
class Word:
    """A state for a person."""

    text: str
    tone: Tone
    meaning: str = ""
    """What it means for who sells, in a sentence."""


_SIGNED = "Ya es un comprobante: se puede entregar."
ESTADOS: Mapping[Estado, Word] = {
    Estado.RECIBIDO: Word("Recibida", Tone.NEUTRO, "El archivo llegó y está guardado. Se decide en segundos."),
    Estado.ESPERANDO: Word(
        "Esperando", Tone.ATENCION, "Todavía no es un comprobante. Se hace sola cuando se pueda; no la repita."
    ),
    Estado.PARCIAL: Word("En curso", Tone.NEUTRO, "Una parte del lote ya está decidida."),
    Estado.FIRMADO: Word("Emitida", Tone.BIEN, _SIGNED),
    Estado.FIRMADO_LOCAL: Word("Emitida", Tone.BIEN, _SIGNED),
    Estado.FIRMADO_CONTINGENCIA: Word(
        "Emitida sin Internet", Tone.BIEN, f"{_SIGNED} Se envía sola cuando vuelva Internet."
    ),
    Estado.ENVIADO: Word("Enviada", Tone.BIEN, f"{_SIGNED} La nube ya la tiene."),
    Estado.OBSERVADO: Word("Observada por DGI", Tone.ATENCION, "Hay que corregirla y mandarla otra vez."),
    Estado.ACEPTADO: Word("Aceptada por DGI", Tone.BIEN, "Terminada."),
    Estado.INFORMADO: Word("Informada a DGI", Tone.BIEN, "Terminada: fue en el reporte diario."),
    Estado.RECHAZADO_DGI: Word("Rechazada por DGI", Tone.MAL, "DGI no la aceptó. Avise a quien lleva la facturación."),
    Estado.RECHAZADO: Word(
        "Rechazada", Tone.MAL, "No se emitió y no gastó número. Corrija y mándela otra vez desde la caja."
    ),
    Estado.RETIRADO: Word("Retirada", Tone.NEUTRO, "La caja la retiró: no se emitió."),
    Estado.DESCARTADO: Word("Descartada", Tone.NEUTRO, "Una persona la descartó: no se emitió."),
    Estado.NO_COBRADO: Word("No cobrada", Tone.NEUTRO, "La tarjeta no se cobró: no se emitió."),
    Estado.VALIDO: Word("Válida", Tone.BIEN, "Solo se revisó: no se emitió."),
    Estado.INVALIDO: Word("Con errores", Tone.ATENCION, "Solo se revisó: no se emitió."),
    Estado.RESUELTO: Word("Hecho", Tone.BIEN),
    Estado.NO_RESUELTO: Word("No se pudo", Tone.ATENCION),
}

MOTIVOS: Mapping[str, str] = {
    Motivo.SIN_NUMEROS: "No quedan números para este tipo de comprobante.",
    Motivo.CERTIFICADO: "No hay un certificado con el que firmar.",
    Motivo.RELOJ: "La hora de esta máquina no es de fiar.",
    Motivo.OPERADOR: "Espera a que una persona diga qué hacer.",
    Motivo.UI: "Falta el valor de la UI de este año.",
    Motivo.NUBE_SIN_RESPUESTA: "La nube no contesta.",
    Motivo.ESPEJO: "Todavía no se pudo guardar su copia de seguridad.",
}
REMEDIES: Mapping[str, str] = {
    Motivo.SIN_NUMEROS: "Avise a quien mantiene el sistema: hay que importar un CAE. Después sigue sola.",
    Motivo.CERTIFICADO: "Avise a quien mantiene el sistema: hay que instalar el certificado. Después sigue sola.",
    Motivo.RELOJ: "Ponga en hora la máquina. Si la hora está bien, avise a quien mantiene el sistema.",
    Motivo.OPERADOR: "Mire si la venta se hizo. Si hay que emitirla, «Reintentar»; si no, «Descartar».",
    Motivo.UI: "Avise a quien mantiene el sistema: se agrega en la configuración. Después sigue sola.",
    Motivo.NUBE_SIN_RESPUESTA: "No haga nada: sigue sola. No la cobre ni la mande otra vez con otra referencia.",
    Motivo.ESPEJO: "Avise a quien mantiene el sistema: el disco de la copia no responde. Después sigue sola.",
}

PAPERS: Mapping[Impresion, Word] = {
    Impresion.NO_PEDIDA: Word("Sin papel", Tone.NEUTRO),
    Impresion.PENDIENTE: Word("Por salir", Tone.ATENCION),
    Impresion.IMPRESO: Word("Impreso", Tone.BIEN),
    Impresion.ENTREGADO: Word("Mandado a la impresora", Tone.BIEN, "Esta impresora no avisa si salió."),
    Impresion.DUDOSO: Word("Dudoso", Tone.MAL, "No se sabe si salió: mire en la impresora."),
    Impresion.FALLIDA: Word("No salió", Tone.MAL),
}

KINDS: Mapping[Kind, str] = {
    Kind.DOCUMENTO: "Venta",
    Kind.VALIDAR: "Revisión",
    Kind.CONSULTA: "Consulta",
    Kind.REIMPRIMIR: "Reimpresión",
    Kind.RETIRAR: "Retiro",
    Kind.LOTE: "Lote",
    Kind.CONSULTA_RUT: "Consulta de RUT",
    Kind.ANULAR: "Anulación",
    Kind.CIERRE: "Cierre del día",
    Kind.LISTADO: "Listado",
    Kind.IMPRIMIR: "Texto para imprimir",
    Kind.CAJON: "Cajón de dinero",
    Kind.ILEGIBLE: "Archivo que no se pudo leer",
}

STEPS: Mapping[Step, str] = {
    Step.START: "leer y decidir",
    Step.SIGN: "numerar y firmar",
    Step.PRINT: "imprimir",
    Step.REPRESENT: "escribir los archivos que la acompañan",
    Step.SUBMIT: "que la nube la numere y firme",
    Step.CONFIRM: "confirmar a la nube",
    Step.VOID: "que la nube confirme que no se emite",
    Step.MIRROR: "guardar su copia de seguridad",
    Step.HAND_OVER: "entregarla a la nube",
    Step.FOLLOW: "saber qué dijo DGI",
    Step.LOOKUP: "preguntar por el contribuyente",
}

_LANES = {
    DECISION: "Ventas por decidir",
    HAND_OVER: "Por enviar a la nube",
    "nube": "Preguntas a la nube",
    LOOKUP: "Consultas de RUT",
    MIRROR: "Copias de seguridad por guardar",
    REPRESENT: "Archivos por escribir (XML, PDF)",
}


_LOTES = {
    Estado.RESUELTO: Word("Terminado", Tone.BIEN),
    Estado.NO_RESUELTO: Word("Terminado con rechazos", Tone.ATENCION, "Los ya emitidos valen y no se repiten."),
}


def word_of(kind: Kind, estado: Estado) -> Word:
    """What became of a request, in the words for its kind."""
    return _LOTES.get(estado, ESTADOS[estado]) if kind is Kind.LOTE else ESTADOS[estado]


def lane_name(lane: str) -> str:
    """A queue, as a person calls it."""
    if lane.startswith(PRINT_LANES):
        return f"Impresora {lane.removeprefix(PRINT_LANES)}"
    return _LANES.get(lane, lane.replace("cajon:", "Cajón de "))


def clean(text: str) -> str:
    """A text of strangers as one line that a page can hold: no controls, no undecodable bytes, no reversed reading."""
    return "".join(letter if letter.isprintable() else " " if letter.isspace() else "?" for letter in text)


def moment(at: datetime | None, now: datetime, *, seconds: bool = False) -> str:
    """A time as a person says it, in the zone of `now`: ``14:05``, ``ayer 14:05``, ``21/11/2026 14:05``."""
    if at is None:
        return ""
    here = at.astimezone(now.tzinfo)
    clock = f"{here:%H:%M:%S}" if seconds else f"{here:%H:%M}"
    days = (now.date() - here.date()).days
    return clock if days == 0 else f"ayer {clock}" if days == 1 else f"{here:%d/%m/%Y} {clock}"


def money(total: Decimal, moneda: str) -> str:
    """``$ 2.440,00``, ``USD 10,50``."""
    sign = "$" if moneda == "UYU" else moneda
    return f"{sign} {total:,.2f}".translate(str.maketrans(",.", ".,"))


def whole(number: int) -> str:
    """``99.992``."""
    return f"{number:,}".replace(",", ".")


def count(number: int, one: str, many: str) -> str:
    """``1 venta``, ``2 ventas``."""
    return f"{whole(number)} {one if number == 1 else many}"
