"""``configurar``: from nothing to a printed ticket, by questions or by a file of answers."""

import os
from datetime import datetime
from typing import TYPE_CHECKING

import click

from sincronizador import native
from sincronizador.cli.asking import Answers, Doubtful, Open, Wrong, flat, pending, unknown
from sincronizador.cli.places import new_toml
from sincronizador.cli.questions import LATER, QUESTIONS, for_service
from sincronizador.cli.spanish import count
from sincronizador.cli.terminal import agrees, say, say_sentences, say_styled, shown
from sincronizador.core import codes
from sincronizador.countries.uy.tipos import ZONE
from sincronizador.errors import NeedsOperator, SincronizadorError

if TYPE_CHECKING:
    from sincronizador.settings import Settings

_BACK = "<"


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

    toml = new_toml()
    before = load(toml) if os.path.exists(toml) else None
    base = os.path.dirname(os.path.abspath(respuestas)) if respuestas else os.getcwd()
    return Answers(
        toml=toml, base=base, now=datetime.now(ZONE), before=before, as_root=native.is_root(), alone=bool(respuestas)
    )


# --- a person


def _converse(answers: Answers) -> None:
    """Ask until nothing is open."""
    say("Enter acepta lo que está entre corchetes; «-» es nada; «<» vuelve a la pregunta anterior;")
    say("Ctrl+C deja todo como estaba.")
    say(f"Se va a escribir {answers.toml}" + (", que ya existe: se conserva lo demás." if answers.before else "."))
    heading, asked = "", list[str]()
    while (question := next(pending(QUESTIONS, answers), None)) is not None:
        if question.question.about != heading:
            heading = question.question.about
            say("")
            say_styled(heading, bold=True)
        text = _asked(question, answers)
        if text == _BACK:
            if asked:
                _forget(answers, asked.pop())
            continue
        if _accepted(question, text, answers):
            asked.append(question.key)


def _asked(question: Open, answers: Answers) -> str:
    default = question.default(answers)
    offered = f" [{shown(default)}]" if default else ""
    text: str = click.prompt(
        f"  {question.sentence}{offered}", default=default, show_default=False, hide_input=question.question.secret
    )
    return text.strip()


def _accepted(question: Open, text: str, answers: Answers) -> bool:
    """Whether it is taken; why not is told, and it is asked again."""
    try:
        answers.given[question.key] = question.accept(text, answers)
    except Doubtful as why:
        say(f"  ! {why}")
        if not agrees("  ¿Lo deja así igual?"):
            return False
        answers.accepted |= {question.key}
        answers.given[question.key] = question.accept(text, answers)
    except Wrong as why:
        say(f"  ! {why}")
        return False
    return True


def _forget(answers: Answers, key: str) -> None:
    """An answer, and the insistence on it."""
    answers.given.pop(key, None)
    answers.accepted -= {key}


# --- a file


def _take(answers: Answers, path: str) -> None:
    """All answers of a file. Raises `NeedsOperator` E9261 with all that is wrong or missing; nothing was done."""
    from sincronizador import toml

    given = _with_upper_names(flat(toml.parse(os.path.abspath(path))))
    answers.accepted = frozenset(given.pop("aceptar", "").split())
    faults: dict[str, str] = {}
    while (question := next(pending(QUESTIONS, answers), None)) is not None:
        key, said = question.key, given.get(question.key, question.default(answers))
        if not faults.keys().isdisjoint(question.needs):
            # It would only be wrong for what is wrong already.
            answers.given[key] = said
            continue
        try:
            answers.given[key] = question.accept(_given(question, given, answers), answers)
        except Wrong as why:
            faults[key] = _fault(question, why) if said else f"falta «{key}»: {question.sentence}"
            answers.given[key] = said
    told = [*unknown(given, QUESTIONS, answers), *faults.values()]
    if told:
        lines = "\n".join(f"  - {one}" for one in told)
        raise NeedsOperator(codes.BAD_ANSWERS.code, f"{codes.BAD_ANSWERS.at(detalle=path).message}\n{lines}")


def _with_upper_names(given: dict[str, str]) -> dict[str, str]:
    """Names of printers as the settings have them, and the list of them that their tables make."""
    found: dict[str, str] = {}
    for key, value in given.items():
        head, *rest = key.split(".")
        found[".".join((head, rest[0].upper(), *rest[1:])) if head == "impresora" and rest else key] = value
    names = dict.fromkeys(key.split(".")[1] for key in found if key.startswith("impresora."))
    return {"impresoras": ", ".join(names), **found}


def _given(question: Open, given: dict[str, str], answers: Answers) -> str:
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
        say(f"  systemctl {'restart' if answers.before else 'enable --now'} sincronizador")
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
