"""The manuals of those who install and run it: their links, codes, commands and settings exist."""

import re
import tomllib
import unicodedata
from pathlib import Path

import click
import pytest

from sincronizador import cli
from sincronizador.nube.configuration import Configuracion
from sincronizador.settings import Settings

DOCS = Path(__file__).parents[2] / "docs"
MANUALS = {path.name: path.read_text("utf-8") for path in sorted(DOCS.glob("*.md"))}
FOR_PEOPLE = (
    "alarmas.md",
    "certificado.md",
    "declaracion-dgi.md", "efactshell.md", "garantias.md", "homologacion.md", "http.md", "integrador.md",
    "mapeos.md", "norma.md",
    "nube.md", "panel.md", "primera-hora.md", "publicacion.md", "recibidos.md",
    "representacion.md", "respaldo.md", "samba.md", "sistemas.md", "soporte.md",
)  # fmt: skip


def anchors(text: str) -> set[str]:
    def anchor(heading: str) -> str:
        flat = unicodedata.normalize("NFC", heading.lower())
        return "".join(char for char in flat if char.isalnum() or char in " -_").replace(" ", "-")

    return {anchor(heading) for heading in re.findall(r"^#+ (.*)$", text, re.MULTILINE)}


@pytest.mark.parametrize("name", FOR_PEOPLE)
def test_every_link_leads_to_a_file_and_to_a_heading_of_it(name: str) -> None:
    for target in re.findall(r"\]\(([^)\s]*)\)", MANUALS[name]):
        path, _, heading = target.partition("#")
        file = (DOCS / path).resolve() if path else DOCS / name
        assert file.exists(), target
        assert not heading or heading in anchors(file.read_text("utf-8")), target


@pytest.mark.parametrize("name", FOR_PEOPLE)
def test_every_code_is_explained(name: str) -> None:
    named = set(re.findall(r"\b[EA]\d{4}\b", MANUALS[name]))
    assert named
    assert named <= set(re.findall(r"\b[EA]\d{4}\b", MANUALS["errores.md"]))


def commands(text: str) -> list[list[str]]:
    """What is told to be typed: the words after ``sincronizador``, or ``nube`` at the beginning."""
    fences = re.compile(r"^ *```(\w*)\n(.*?)^ *```$", re.DOTALL | re.MULTILINE)
    typed = [block for language, block in fences.findall(text) if not language]
    inline = [span.replace("\n", " ") for span in re.findall(r"`([^`]+)`", fences.sub("", text))]
    found = []
    for line in "\n".join([*typed, *inline]).splitlines():
        plain = re.sub(r"--config \S+ ", "", line.partition("  #")[0].strip())
        words = re.match(r"(?:.*[ /])?sincronizador (?=[a-z])(.*)|(nube .*)", plain)
        if words and not re.search(r"^alias |^usermod |systemctl|journalctl|pip|cp ", plain):
            found.append((words[1] or words[2]).split())
    return found


def resolve(words: list[str]) -> tuple[click.Command, list[str]]:
    """The command that these words name, and what is left of them."""
    command: click.Command = cli.main
    context = click.Context(command)
    while isinstance(command, click.Group) and words:
        inner = command.get_command(context, words[0])
        if inner is None:
            break
        command, words = inner, words[1:]
    return command, words


@pytest.mark.parametrize("name", FOR_PEOPLE)
def test_every_command_and_option_exists(name: str) -> None:
    told = commands(MANUALS[name])
    assert told
    for words in told:
        command, rest = resolve(words)
        assert command is not cli.main, words
        assert not isinstance(command, click.Group) or not rest, words
        options = {option for param in command.params for option in param.opts} | {"--json", "--help"}
        assert {word for word in rest if word.startswith("--")} <= options, words


def test_every_trial_that_the_guarantees_name_can_be_run() -> None:
    makefile = (DOCS.parent / "Makefile").read_text("utf-8")
    named = re.findall(r"`make ([a-z-]+)", MANUALS["garantias.md"])
    assert named
    assert all(f"\n{target}:" in makefile for target in named), named


@pytest.mark.parametrize("name", ["nube.md", "panel.md", "publicacion.md", "sistemas.md"])
def test_every_toml_is_one(name: str) -> None:
    blocks = re.findall(r"^( *)```toml\n(.*?)^ *```$", MANUALS[name], re.DOTALL | re.MULTILINE)
    assert blocks
    for indent, block in blocks:
        keys = tomllib.loads(re.sub(f"^{indent}", "", block, flags=re.MULTILINE))
        assert keys.keys() <= Settings.model_fields.keys() | Configuracion.model_fields.keys(), block


def test_every_key_that_the_manual_of_the_shop_names_exists() -> None:
    tables = {name: field.annotation for name, field in Settings.model_fields.items()}
    for table, key in re.findall(
        r"`(nube|plazo|respaldo|impresion|entrada|salida)\.([a-z_]+)`", MANUALS["sistemas.md"]
    ):
        assert key in re.findall(r"\w+", str(getattr(_plain(tables[table]), "model_fields", {}).keys())), (table, key)


def _plain(annotation: object) -> object:
    """The table behind ``Table | None``."""
    args = [one for one in getattr(annotation, "__args__", ()) if one is not type(None)]
    return args[0] if args else annotation
