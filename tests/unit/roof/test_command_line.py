"""The command line's skeleton: Spanish, lazy, and no traceback for what has a sentence."""

import subprocess
import sys
from collections.abc import Callable

import click
import pytest
from click.testing import CliRunner, Result

from sincronizador import cli, errors


def run(*args: str) -> Result:
    """A command line as a person would type it."""
    return CliRunner().invoke(cli.main, list(args), prog_name="sincronizador")


@pytest.fixture
def verb(monkeypatch: pytest.MonkeyPatch) -> Callable[[click.Command], None]:
    """Put a command in the place of ``estado``."""

    def put(command: click.Command) -> None:
        known = cli.Commands.get_command
        monkeypatch.setattr(
            cli.Commands, "get_command", lambda self, ctx, name: command if name == "estado" else known(self, ctx, name)
        )

    return put


def test_the_help_is_in_spanish_and_lists_every_command() -> None:
    done = run("--help")
    assert done.exit_code == 0
    assert all(name in done.output for name in cli.COMMANDS)
    assert not any(word in done.output for word in ("Usage", "Options", "Commands", "Show", "message"))


def test_no_command_at_all_shows_the_help_as_a_usage_error() -> None:
    done = run()
    assert done.exit_code == 2
    assert "Comandos" in done.output


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (["estadoo"], "¿Quiso decir «estado»?"),
        (["zzz"], "no existe el comando «zzz»"),
        (["--confg", "x"], "¿Quiso decir «--config»?"),
        (["--config"], "lleva un valor"),
        (["estado", "--nada"], "no existe la opción «--nada»"),
        (["estado"], "falta QUE"),
        (["estado", "x", "--veces", "dos"], "debe ser un número entero"),
        (["estado", "x", "--modo", "c"], "elija entre a, b"),
    ],
)
def test_a_usage_error_is_a_spanish_sentence_with_exit_code_2(
    verb: Callable[[click.Command], None], args: list[str], words: str
) -> None:
    @click.command()
    @click.argument("que", metavar="QUE")
    @click.option("--veces", type=int)
    @click.option("--modo", type=click.Choice(["a", "b"]))
    def estado(que: str, veces: int, modo: str) -> None:
        raise AssertionError

    verb(estado)
    done = run(*args)
    assert done.exit_code == 2
    assert words in done.output


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (errors.Rejected("E1101", "El RUT no es válido."), 1),
        (errors.Unavailable("E4101", "La impresora no contesta."), 69),
        (errors.Unanswered("E3001", "La nube no contestó."), 75),
        (errors.NeedsOperator("E2002", "El certificado venció."), 78),
    ],
)
def test_an_error_of_the_family_is_its_sentence_and_its_exit_code(
    verb: Callable[[click.Command], None], error: errors.SincronizadorError, code: int
) -> None:
    @click.command()
    def estado() -> None:
        raise error

    verb(estado)
    done = run("estado")
    assert done.exit_code == code
    assert done.output == f"Error {error.code}: {error}\n"


def test_what_a_command_returns_is_the_exit_code(verb: Callable[[click.Command], None]) -> None:
    @click.command()
    def estado() -> int:
        return 75

    verb(estado)
    assert run("estado").exit_code == 75


def test_an_error_outside_the_family_is_our_bug_and_keeps_its_traceback(verb: Callable[[click.Command], None]) -> None:
    @click.command()
    def estado() -> None:
        raise KeyError("ours")

    verb(estado)
    assert isinstance(run("estado").exception, KeyError)


def test_settings_that_are_not_there_end_with_78(verb: Callable[[click.Command], None]) -> None:
    @click.command()
    def estado() -> None:
        cli.settings()

    verb(estado)
    done = run("--config", "/no/such.toml", "estado")
    assert done.exit_code == 78
    assert "E9304" in done.output


def test_the_help_imports_no_heavy_library() -> None:
    code = (
        "import sys\nfrom sincronizador.cli import main\n"
        "try: main(['--help'], prog_name='s')\nexcept SystemExit: pass\n"
        "print(sorted({'lxml', 'pydantic', 'cryptography', 'PIL', 'escpos', 'reportlab'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"
