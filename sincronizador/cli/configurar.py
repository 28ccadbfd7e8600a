"""``configurar``: from nothing to a printed ticket, by questions or by a file of answers."""

import os
from datetime import datetime
from typing import TYPE_CHECKING

import click

from sincronizador.cli.asking import Answers, Doubtful, Open, Wrong, flat, pending, unknown
from sincronizador.cli.questions import LATER, QUESTIONS, for_service
from sincronizador.cli.spanish import count
from sincronizador.cli.terminal import say, say_sentences
from sincronizador.core import codes
from sincronizador.countries.uy.tipos import ZONE
from sincronizador.errors import NeedsOperator, SincronizadorError

if TYPE_CHECKING:
    from sincronizador.settings import Settings

_BACK = "<"
_SERVICE = "/etc/sincronizador/sincronizador.toml"
_OWN = "sincronizador/sincronizador.toml"


@click.command(help="Pregunta lo necesario, prueba cada respuesta, escribe la configuración y emite algo de prueba.")
@click.option(
    "--respuestas",
    metavar="ARCHIVO",
    help="Un TOML con todas las respuestas, para no preguntar nada (docs/primera-hora.md).",
)
def configurar(respuestas: str | None) -> int:
    """The command; exit code 78 when something is left to be done before it works."""
    answers = _start(respuestas)
    if respuestas:
        _take(answers, respuestas)
    else:
        _converse(answers)
    from sincronizador.cli import setting_up

    made = setting_up.plan(answers)
    say("", "Escribo:")
    found = setting_up.carry_out(made, lambda sentence: say(f"  {sentence}"))
    return _finish(answers, found)


def _start(respuestas: str | None) -> Answers:
    """No answers yet; what is known of the installation that is there."""
    from sincronizador.settings import load

    toml = os.path.abspath(_place())
    before = load(toml) if os.path.exists(toml) else None
    base = os.path.dirname(os.path.abspath(respuestas)) if respuestas else os.getcwd()
    return Answers(
        toml=toml, base=base, now=datetime.now(ZONE), before=before, as_root=os.geteuid() == 0, alone=bool(respuestas)
    )


def _place() -> str:
    """The TOML to write: the one that is named, the service's for root, else one below the current folder."""
    named: str | None = click.get_current_context().find_root().params["config"]
    return named or os.environ.get("SINCRONIZADOR_CONFIG") or (_SERVICE if os.geteuid() == 0 else _OWN)


# --- a person


def _converse(answers: Answers) -> None:
    """Ask until nothing is open."""
    say("Enter acepta lo que está entre corchetes; «<» vuelve a la pregunta anterior; Ctrl+C deja todo como estaba.")
    say(f"Se va a escribir {answers.toml}" + (", que ya existe: se conserva lo demás." if answers.before else "."))
    heading, asked = "", list[str]()
    while (question := next(pending(QUESTIONS, answers), None)) is not None:
        if question.question.about != heading:
            heading = question.question.about
            click.secho(f"\n{heading}", bold=True)
        text = _asked(question, answers)
        if text == _BACK:
            if asked:
                _forget(answers, asked.pop())
            continue
        if _accepted(question, text, answers):
            asked.append(question.key)


def _asked(question: Open, answers: Answers) -> str:
    default = question.default(answers)
    text: str = click.prompt(
        f"  {question.sentence}",
        default=default,
        show_default=bool(default),
        hide_input=question.question.secret,
    )
    return text.strip()


def _accepted(question: Open, text: str, answers: Answers) -> bool:
    """Whether it is taken; why not is told, and it is asked again."""
    try:
        answers.given[question.key] = question.accept(text, answers)
    except Doubtful as why:
        say(f"  ! {why}")
        if not _insists():
            return False
        answers.accepted |= {question.key}
        answers.given[question.key] = question.accept(text, answers)
    except Wrong as why:
        say(f"  ! {why}")
        return False
    return True


def _insists() -> bool:
    text: str = click.prompt("  ¿Lo deja así igual? (si/no)", default="no")
    return text.strip().casefold() in ("s", "si", "sí")


def _forget(answers: Answers, key: str) -> None:
    """An answer, and the insistence on it."""
    answers.given.pop(key, None)
    answers.accepted -= {key}


# --- a file


def _take(answers: Answers, path: str) -> None:
    """All answers of a file. Raises `NeedsOperator` E9261 with all that is wrong or missing; nothing was done."""
    from sincronizador import toml

    given = flat(toml.parse(os.path.abspath(path)))
    answers.accepted = frozenset(given.pop("aceptar", "").split())
    faults = []
    while (question := next(pending(QUESTIONS, answers), None)) is not None:
        try:
            answers.given[question.key] = question.accept(_given(question, given, answers), answers)
        except Wrong as why:
            missing = question.key not in given and not question.default(answers)
            faults.append(f"falta «{question.key}»: {question.sentence}" if missing else _fault(question, why))
            # Whatever hangs on it is looked at as far as it can be.
            answers.given[question.key] = given.get(question.key, "")
    faults = [*unknown(given, QUESTIONS, answers), *faults]
    if faults:
        told = "\n".join(f"  - {fault}" for fault in faults)
        raise NeedsOperator(codes.BAD_ANSWERS.code, f"{codes.BAD_ANSWERS.at(detalle=path).message}\n{told}")


def _given(question: Open, given: dict[str, str], answers: Answers) -> str:
    if question.key == "impresoras" and question.key not in given:
        named = dict.fromkeys(key.split(".")[1] for key in given if key.startswith("impresora."))
        return ", ".join(named)
    text = given.get(question.key)
    if text is None:
        return question.default(answers)
    return _secret(text, answers) if question.question.secret else text


def _secret(path: str, answers: Answers) -> str:
    """What the file that an answer names holds."""
    try:
        with open(os.path.join(answers.base, path), encoding="utf-8") as file:
            return file.read().rstrip("\r\n")
    except (OSError, ValueError) as error:
        raise Wrong("No se puede leer el archivo que nombra: en las respuestas va la ruta, no el secreto.") from error


def _fault(question: Open, why: Wrong) -> str:
    remedy = f' Si está bien así, agregue "{question.key}" a la lista «aceptar».' if isinstance(why, Doubtful) else ""
    return f"{question.key}: {why}{remedy}"


# --- the end


def _finish(answers: Answers, found: "Settings") -> int:
    from sincronizador.cli.first_sale import is_the_systems

    program = "sincronizador" if for_service(answers) else f"sincronizador --config {answers.toml}"
    if group := answers.get("grupo"):
        say(f"Para que el servicio lea lo que deja ese grupo: usermod -aG {group} sincronizador")
    issued = _issue(answers, found) if answers.get("documento") == "si" else None
    good = _verify(found)
    say("", "Lo que sigue:")
    if answers.get("certificado.origen") == LATER:
        say(f"  {program} certificado instalar ARCHIVO --ambiente {found.ambiente}")
    if found.ruta == "local" and not answers.get("cae") and answers.get("certificado.origen") != "prueba":
        say(f"  {program} cae importar ARCHIVO... --ambiente {found.ambiente}")
    if found.ambiente == "produccion":
        say("  No se emitió nada: es producción.")
    if not is_the_systems(answers.toml):
        say(f"  {program} iniciar")
    elif found.ambiente == "produccion":
        say("  systemctl enable --now sincronizador")
    say(f"  {program} estado")
    return 0 if issued is not False and good else 78


def _issue(answers: Answers, found: "Settings") -> bool:
    """A sale for trial; whether a document came of it."""
    from sincronizador.cli.first_sale import sell

    say("", "Emito un comprobante de prueba...")
    try:
        sold = sell(found, answers.toml, answers.now)
    except SincronizadorError as error:
        say_sentences(f"  ! {error.code}: {error}")
        return False
    answer = sold.answer
    number = " ".join(answer.get(name, "") for name in ("TIPO", "SERIE", "NUMERO")).strip()
    say(f"  {sold.name} -> {answer['ESTADO']} {number}".rstrip())
    for name in ("A_PAGAR", "IMPRESION", "MENSAJE"):
        if answer.get(name):
            say(f"  {name}: {answer[name]}")
    if sold.ticket and not sold.is_on_paper:
        say("", "Así es el papel:")
        say(*(f"  {line}" for line in sold.ticket.split("\n")))
    return sold.is_issued


def _verify(found: "Settings") -> bool:
    from sincronizador.cli.verificar import look

    lines = list(look(found))
    bad = [sentence for good, sentence in lines if not good]
    well = count(len(lines) - len(bad), "cosa está bien", "cosas están bien")
    say("", f"Verificación («sincronizador verificar» la repite): {well}.")
    for sentence in bad:
        say(f"  MAL   {sentence}")
    return not bad
