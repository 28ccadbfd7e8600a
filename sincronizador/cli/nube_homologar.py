"""``nube homologar``: the test documents that DGI asks for before a company may issue, and what is still missing."""

import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import click

from sincronizador.cli.nube_acts import audited, cloud_settings, issuer_of, opened
from sincronizador.cli.terminal import say
from sincronizador.countries.uy.tipos import ZONE, TipoCfe
from sincronizador.errors import Refused

if TYPE_CHECKING:
    from sincronizador.nube.homologation import Homologation, OfType, Progress

_LOOK = 1.0
"""Seconds between two looks at what DGI answered."""
_NEXT = (
    "",
    "Con el juego aceptado y el reporte procesado, lo que sigue lo hace una persona en el portal de DGI (e-Factura):",
    "  1. Postularse para ingresar al régimen, con la fecha de firma del juego.",
    "  2. Presentar la declaración jurada técnica: docs/declaracion-dgi.md dice qué cumple cada función.",
    '  3. Autorizada la empresa, pedir los CAE de producción, y hacer con ellos otra nube (ambiente = "produccion").',
    "     Durante el primer mes puede convivir con los comprobantes en papel.",
)


@click.command(help="Emite y sigue el juego de comprobantes de prueba que pide DGI para ingresar, y dice qué falta.")
@click.option("--rut", help="El emisor; si hay uno solo, no hace falta.")
@click.option("--receptor", help="El RUT a cuyo nombre van las e-Facturas de prueba; si no se dice, el de DGI.")
@click.option("--esperar", type=click.FloatRange(0), default=10, show_default=True, metavar="MINUTOS",
              help="Cuánto se queda mirando sin que DGI conteste nada nuevo.")  # fmt: skip
@click.option("--cuantos", type=click.IntRange(1, 250), default=50, hidden=True, help="Cuántos de cada tipo.")
def homologar(rut: str | None, receptor: str | None, esperar: float, cuantos: int) -> int:
    """Make what is missing, follow it, tell; 75 while something is missing."""
    from sincronizador.nube import filing_codes
    from sincronizador.nube.homologation import Homologation, refuse_production

    found = cloud_settings()
    with opened() as cloud:
        refuse_production(cloud)
        if found.dgi is None:
            raise filing_codes.NO_OFFICES_FOR_SET.at().as_error(Refused)
        receptor = receptor or found.dgi.told(found.ambiente)["ruc"]
        chosen = issuer_of(cloud, rut)
        homologation = Homologation(cloud, chosen, who=audited(), receptor=receptor, wanted=cuantos)
        progress = _follow(homologation, timedelta(minutes=esperar))
    say("", f"Juego de pruebas del emisor {chosen}, firmado el {progress.day:%d/%m/%Y}:")
    say(*(f"  {_told(one)}" for one in progress.types), *_report(progress, found.dgi.hora_reporte))
    say(*(_NEXT if progress.is_complete else _missing(progress)))
    return 0 if progress.is_complete else 75


def _follow(homologation: "Homologation", patience: timedelta) -> "Progress":
    """Make and look until DGI has all, no more can be made, or nothing new is said for so long."""
    before: Progress | None = None
    heard = time.monotonic()
    while True:
        now = datetime.now(ZONE)
        if made := homologation.advance(now):
            say(f"Comprobantes emitidos ahora: {made}.")
        progress = homologation.progress(now)
        is_news = progress != before
        if is_news:
            heard = time.monotonic()
            say("  " + ", ".join(f"{one.tipo}: {one.accepted}" for one in progress.types) + " aceptados.")
        is_late = time.monotonic() - heard >= patience.total_seconds()
        if progress.is_accepted or is_late or (_is_stuck(progress) and not is_news):
            return progress
        before = progress
        time.sleep(_LOOK)


def _is_stuck(progress: "Progress") -> bool:
    return any(one.is_stuck for one in progress.types) and not any(one.waiting for one in progress.types)


def _told(one: "OfType") -> str:
    """A type in a line, and what DGI has against its documents."""
    sent = one.accepted + one.waiting + one.rejected
    missing = f"faltan {one.missing}" if one.missing else "completo"
    line = (
        f"{one.tipo} {TipoCfe(one.tipo).nombre}: {sent} enviados, {one.accepted} aceptados, "
        f"{one.waiting} sin respuesta, {one.rejected} rechazados; {missing}"
    )
    return line + "".join(f"\n      DGI dijo: {reason}" for reason in one.reasons)


def _report(progress: "Progress", hour: str) -> Iterator[str]:
    from sincronizador.nube.dailies import Report

    told = {
        None: f"todavía no salió; sale solo, al día siguiente desde las {hour}",
        Report.MADE: "por enviar",
        Report.TAKEN: "DGI lo recibió y todavía no lo procesó",
        Report.DONE: "DGI encontró diferencias" if progress.report.trouble else "procesado",
        Report.REPLACED: "se envía otra vez",
        Report.REFUSED: "DGI lo rechazó; se vuelve a probar",
    }[progress.report.state]
    why = f" ({progress.report.trouble})" if progress.report.trouble else ""
    yield f"  Reporte diario del {progress.day:%d/%m/%Y}: {told}{why}."


def _missing(progress: "Progress") -> Iterator[str]:
    """What to do about what is missing."""
    yield ""
    if progress.is_accepted:
        yield "DGI tiene todos los comprobantes; falta que procese el reporte de ese día. Deje corriendo «sincronizador"
        yield "nube servir», que lo manda solo, y vuelva a correr este comando para ver cómo quedó."
        return
    if any(one.is_stuck for one in progress.types):
        yield "DGI rechaza demasiados: mire los motivos de arriba, corríjalos y vuelva a correr este comando mañana."
        return
    yield "Todavía falta. Lo emitido lo manda «sincronizador nube servir»: tiene que estar corriendo, y DGI contestar"
    yield "(«sincronizador nube dgi estado» y «nube alarmas» dicen cómo está). Vuelva a correr este comando: sigue"
    yield "donde estaba. Todo el juego se firma en un mismo día; si hoy no se completa, mañana se empieza de nuevo."
