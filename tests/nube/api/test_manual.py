"""``docs/nube.md`` and ``config/nube.toml`` say what is so."""

import json
import re

import click
from click.testing import CliRunner
from cloud_world import PROJECT

from sincronizador.cli import main
from sincronizador.cli.nube import nube
from sincronizador.countries.uy import schema
from sincronizador.nube import codes, exchange_codes, filing_codes, receipt_codes, server_codes
from sincronizador.nube.configuration import OFFICES, Buzon, Configuracion, Correo, Dgi, Limites, Publicacion, load
from sincronizador.toml import Tabla

MANUAL = (PROJECT / "docs" / "nube.md").read_text(encoding="utf-8")
EXAMPLE = PROJECT / "config" / "nube.toml"
OPTIONAL = ("tls", "administracion", "dgi", "correo", "publicacion", "buzon")
"""Tables of the TOML that may be left out."""


def test_every_code_of_the_manual_exists_and_every_alarm_is_explained():
    exchanged = (*exchange_codes.RULES, *receipt_codes.RULES)
    known = {rule.code for rule in (*codes.RULES, *filing_codes.RULES, *exchanged, *server_codes.RULES)}
    named = set(re.findall(r"`(E\d{4})`", MANUAL))
    assert named <= known | {rule.code for rule in schema.RULES}
    assert {code for code in known if "E3501" <= code <= "E3513"} <= named


def command_lines():
    """What the manual has a person type, after ``nube``."""
    lines = [line.strip() for line in MANUAL.splitlines()] + re.findall(r"`([^`\n]+)`", MANUAL)
    return [line.removeprefix("nube ") for line in lines if re.match(r"nube [a-z]+( |$)", line)]


def test_every_command_and_option_of_the_manual_exists():
    lines = [line for line in command_lines() if line.split()[0] in nube.commands]
    assert len(lines) > 25
    for line in lines:
        first, *rest = line.split()
        words = [first, rest[0]] if isinstance(nube.commands[first], click.Group) else [first]
        shown = CliRunner().invoke(main, ["nube", *words, "--help"])
        assert shown.exit_code == 0, line
        assert all(option in shown.output for option in re.findall(r"--[a-z-]+", line)), line


def test_every_link_of_the_manual_leads_somewhere():
    heads = re.findall(r"^#+ (.+)$", MANUAL, re.MULTILINE)
    titles = {re.sub(r"[^\w -]", "", head.lower()).replace(" ", "-") for head in heads}
    for target in re.findall(r"\]\(#([^)]+)\)", MANUAL):
        assert target in titles
    for path in re.findall(r"\]\(([^#)][^)]*)\)", MANUAL):
        assert (PROJECT / "docs" / path.partition("#")[0]).exists()


def test_the_commented_toml_names_every_key_with_the_value_that_rules():
    text = EXAMPLE.read_text(encoding="utf-8")
    everything = re.sub(r"^# (\[?\w+\]?(?: = .*)?)$", r"\1", text, flags=re.MULTILINE)
    keys = set(re.findall(r"^(\w+) = ", everything, re.MULTILINE))
    tables = set(re.findall(r"^\[(\w+)\]$", everything, re.MULTILINE))
    for name, field in Configuracion.model_fields.items():
        table = isinstance(field.annotation, type) and issubclass(field.annotation, Tabla)
        assert name in (tables if table or name in OPTIONAL else keys), name
    for name, field in Limites.model_fields.items():
        assert re.search(rf"^# {name} = {field.default:g}$".replace("e+06", "000000"), text, re.MULTILINE), name
    for name, field in Publicacion.model_fields.items():
        value = json.dumps(field.default)
        assert re.search(rf"^# {name} = {re.escape(value)}$", text, re.MULTILINE), name
    for name in (*Dgi.model_fields, *Correo.model_fields, *Buzon.model_fields):
        assert re.search(rf"^# {name} = ", text, re.MULTILINE), name
    assert all(f'# {name} = "{value}"' in text for name, value in OFFICES["prueba"].items())
    assert load(str(EXAMPLE)).embedded
