"""``nube``: the cloud of one's own: its server, and the acts of who administers it, on its base directly."""

import click

from sincronizador.cli import nube_acts
from sincronizador.cli.nube_acts import audited, cloud_settings, opened, tell
from sincronizador.cli.nube_dgi import dgi_prueba
from sincronizador.cli.nube_emisor import emisor
from sincronizador.cli.nube_envios import dgi
from sincronizador.cli.nube_homologar import homologar
from sincronizador.cli.nube_instalacion import instalacion
from sincronizador.cli.nube_numeros import numeros
from sincronizador.cli.nube_papeles import cae, certificado
from sincronizador.cli.nube_publicacion import publicacion
from sincronizador.cli.nube_recibidos import recibidos
from sincronizador.cli.nube_respaldo import respaldo
from sincronizador.cli.terminal import say


@click.group(help="La nube propia: numera, firma y guarda los comprobantes de sus instalaciones.")
def nube() -> None:
    """The group."""
    nube_acts.look_for_libraries()


@nube.command(help="Crea una base nueva, y los archivos de clave y de token que nombra la configuración y no existen.")
def crear() -> None:
    """Create."""
    from sincronizador.nube.assembly import create_cloud

    found = cloud_settings()
    for path in nube_acts.write_missing_secrets(found):
        say(f"Se escribió {path}: guárdelo también fuera de esta máquina.")
    with nube_acts.for_its_owner(found):
        create_cloud(found).close()
    place = found.base if found.embedded else "PostgreSQL"
    say(f"Nube de {found.ambiente} creada en {place}. Sigue: «sincronizador nube emisor agregar».")


@nube.command(help="Arranca el servidor y se queda en primer plano; lo detiene SIGTERM o Ctrl+C.")
@click.option("--restaurada", is_flag=True, help="La base se restauró de un respaldo: las instalaciones la completan.")
def servir(restaurada: bool) -> None:
    """Serve."""
    from sincronizador import logs
    from sincronizador.nube.server import serve

    found = cloud_settings()
    logs.start()
    serve(found, nube_acts.toml_path(), restored=restaurada)


@nube.command(help="Lista lo que una persona tiene que mirar, o da una alarma por atendida.")
@click.option("--rut", help="Solo las de este emisor.")
@click.option("--atendida", type=int, metavar="NÚMERO", help="Da esta por atendida.")
@click.option("--motivo", default="", help="Qué se hizo.")
@click.option("--json", "as_json", is_flag=True, help="Como JSON.")
def alarmas(rut: str | None, atendida: int | None, motivo: str, as_json: bool) -> None:
    """List, or dismiss."""
    from sincronizador.nube import admin_wire

    with opened() as cloud:
        if atendida is not None:
            cloud.dismiss_alarm(audited(), atendida, motivo)
            say(f"Alarma {atendida} atendida.")
            return
        rows = [admin_wire.alarm(alarm) for alarm in cloud.alarms(rut)]
    tell(rows, as_json, "{id:>6}  {at:.16}  {rut:12}  {code}  {sentence}", "No hay alarmas.")


@nube.command(help="Dice la hora con que trabaja la nube, o confirma que está bien aunque haya vuelto atrás.")
@click.option("--confirmar", is_flag=True, help="La hora de esta máquina está bien: se vuelve a numerar.")
def reloj(confirmar: bool) -> None:
    """Show, or vouch for it."""
    with opened() as cloud:
        if confirmar:
            say(f"Hora confirmada: {cloud.confirm_clock(audited()):%d/%m/%Y %H:%M}.")
            return
        moved = cloud.clock_trouble()
    say(moved or "La hora está bien.")


@nube.command(help="Lista quién hizo qué, lo último primero.")
@click.option("--rut", help="Solo lo de este emisor.")
@click.option("--cuantos", type=click.IntRange(1, 100_000), default=200, show_default=True, help="Cuántos a lo sumo.")
@click.option("--json", "as_json", is_flag=True, help="Como JSON.")
def auditoria(rut: str | None, cuantos: int, as_json: bool) -> None:
    """List."""
    from sincronizador.nube import admin_wire

    with opened() as cloud:
        rows = [admin_wire.act(act) for act in cloud.audit(rut, cuantos)]
    tell(rows, as_json, "{at:.19}  {rut:12}  {act:12}  {detail}  ({who})", "Todavía no hay nada.")


_COMMANDS = (
    emisor, instalacion, certificado, cae, numeros, respaldo, publicacion, recibidos, dgi, dgi_prueba, homologar,
)  # fmt: skip
for command in _COMMANDS:
    nube.add_command(command)
