"""``contingencia``: how the line to the cloud stands, and a person's word about it."""

from datetime import datetime

import click

from sincronizador.cli import ordering, settings
from sincronizador.cli.terminal import say, say_json, say_sentences


@click.group(help="Muestra, abre y cierra la contingencia.")
def contingencia() -> None:
    """The group."""


@contingencia.command(help="Dice si se firma en esta máquina, desde cuándo y por qué, y las veces anteriores.")
@click.option("--json", "as_json", is_flag=True, help="Como JSON.")
def ver(as_json: bool) -> None:
    """Show."""
    from sincronizador.daemon import assembly
    from sincronizador.journal import episodes, leases
    from sincronizador.journal.journal import open_journal

    found_settings = settings()
    today = datetime.now(assembly.COUNTRIES[found_settings.pais](found_settings).zone).date()
    journal = open_journal(found_settings.diario, read_only=True)
    with journal.reading() as db:
        found = episodes.last(db, 10)
        left = leases.usable(db, today)
        signed = {episode.id: sum(row[4] for row in episodes.signed_in(db, episode)) for episode in found}
    open_ = next((episode for episode in found if episode.ended_at is None), None)
    if as_json:
        say_json(
            {
                "contingencia": open_ is not None,
                "forzada": bool(open_ and open_.forced),
                "numeros": {str(tipo): count for tipo, count in sorted(left.items())},
                "episodios": [
                    {
                        "inicio": episode.started_at.isoformat(),
                        "fin": episode.ended_at.isoformat() if episode.ended_at else None,
                        "motivo": episode.reason,
                        "forzada": episode.forced,
                        "firmados": signed[episode.id],
                    }
                    for episode in found
                ],
            }
        )
        return
    if open_ is None:
        say("En línea: la nube numera y firma.")
    else:
        who = "la abrió una persona; " if open_.forced else ""
        say(f"En contingencia desde el {open_.started_at:%d/%m/%Y %H:%M:%S} ({who}{open_.reason}).")
    numbers = ", ".join(f"{count} de {tipo}" for tipo, count in sorted(left.items())) or "ninguno"
    say(f"Números para firmar aquí: {numbers}.")
    for episode in found:
        if episode.ended_at is not None:
            span = f"{episode.started_at:%d/%m/%Y %H:%M:%S} a {episode.ended_at:%d/%m/%Y %H:%M:%S}"
            say(f"  {span}: {signed[episode.id]} firmados aquí ({episode.reason}).")


@contingencia.command(help="Desde ahora se firma en esta máquina, hasta que una persona lo termine.")
@click.option("--motivo", required=True, help="Por qué.")
def forzar(motivo: str) -> None:
    """Force."""
    say_sentences(ordering.carry_out(settings(), "contingencia", {"que": "forzar", "motivo": motivo}))


@contingencia.command(help="Las ventas van otra vez a la nube.")
def terminar() -> None:
    """Release."""
    say_sentences(ordering.carry_out(settings(), "contingencia", {"que": "terminar"}))
