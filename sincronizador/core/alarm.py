"""What a person must be told about the installation: as data, for whoever tells it."""

from dataclasses import dataclass
from enum import StrEnum


class Nivel(StrEnum):
    """How grave it is."""

    CRITICA = "CRITICA"
    """Something does not work now, or work may be lost."""
    AVISO = "AVISO"
    """It will come to that, or a person has something to settle."""


FAMILIES = {
    "certificado": "Certificado",
    "cae": "Números",
    "cae_vence": "Vencimiento de un CAE",
    "cae_nube": "CAE que la nube no toma",
    "reserva": "Reserva que la nube no cierra",
    "numeros": "Números sin confirmar",
    "recuperado": "Comprobantes que faltan",
    "ui": "Valor de la UI",
    "reloj": "Reloj",
    "hora_nube": "Hora distinta de la nube",
    "nube": "Nube",
    "contingencia": "Contingencia",
    "reporte": "Reporte diario",
    "cola": "Cola vieja",
    "impresora": "Impresora",
    "papeles": "Papeles retenidos",
    "impresiones_dudosas": "Impresiones dudosas",
    "apartados": "Pedidos apartados",
    "disco": "Disco",
    "carpetas": "Carpetas",
    "diario": "Diario",
    "servicio": "Una parte del servicio",
    "respaldo": "Respaldo",
    "avisos": "Avisos que no salen",
}
"""The families of alarms: key -> title. Stable and public; each has a paragraph under its title in ``alarmas.md``."""


@dataclass(frozen=True, slots=True)
class Alarm:
    """One trouble, for as long as it lasts."""

    clave: str
    """
    Stable and public, unique among those of one moment: ``certificado``, ``cae:101``.

    Its first part is a family, which has a paragraph in ``docs/alarmas.md``; what follows the colon is which one.
    """
    nivel: Nivel
    texto: str
    """What happened, in Spanish."""
    que_hacer: str = ""
    """What to do about it, in Spanish sentences; empty where `texto` says it."""

    @property
    def family(self) -> str:
        """The part of the key before the colon."""
        return self.clave.partition(":")[0]

    @property
    def sentence(self) -> str:
        """Both as one: a text without a full stop leads on to what is to be done."""
        if not self.que_hacer or self.texto.endswith("."):
            return f"{self.texto} {self.que_hacer}".rstrip()
        return f"{self.texto}: {self.que_hacer[0].lower()}{self.que_hacer[1:]}"
