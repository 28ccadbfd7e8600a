"""What goes into the package, the wheel and the sdist."""

import subprocess
import sys
import tarfile
import tomllib
import venv
import zipfile
from pathlib import Path

import click
import pytest
from deb import EXTRAS
from locked import runtime
from manual import page

from sincronizador.cli import COMMANDS, main

PROJECT = Path(__file__).parents[3]
FACTS = tomllib.loads((PROJECT / "pyproject.toml").read_text("utf-8"))["project"]


def names(entries: list[str]) -> set[str]:
    """What they pin."""
    return {entry.partition("==")[0] for entry in entries}


def test_an_installation_gets_what_it_needs_by_its_hashes_and_no_tools() -> None:
    extras = FACTS["optional-dependencies"]
    needs = [*FACTS["dependencies"], *(need for extra in EXTRAS for need in extras[extra])]
    found = runtime((PROJECT / "requirements.lock").read_text("utf-8"), needs)
    assert names(found) >= {
        "lxml",
        "click",
        "certifi",
        "fastapi",
        "psycopg-binary",
        "uvicorn",
        "obstore",
        "python-pkcs11",
    }
    assert not names(found) & {"pytest", "mypy", "ruff", "nfpm", "playwright", "hypothesis", "schemathesis", "coverage"}
    assert all("--hash=sha256:" in entry for entry in found)


def test_every_extra_that_is_no_tool_is_in_the_package() -> None:
    assert set(FACTS["optional-dependencies"]) - {"dev", "windows"} == set(EXTRAS)


def test_the_manual_has_every_command_and_option() -> None:
    text = page("1").replace("\\-", "-")
    context = click.Context(main)
    for name in COMMANDS:
        assert f'.SS "{name}' in text
        for parameter in main.get_command(context, name).params:
            assert all(option in text for option in parameter.opts if option.startswith("--"))
    assert not [
        line
        for line in text.splitlines()
        if line.startswith(".") and line[1:3] not in ("TH", "SH", "SS", "TP", "PP", "B ", "RI", "I ")
    ]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Wheel and sdist."""
    folder = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "hatchling", "build", "-d", folder]
    subprocess.run(command, cwd=PROJECT, check=True, capture_output=True)
    return folder


def versioned(*under: str) -> set[str]:
    """The files that the project keeps there, or is about to."""
    done = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", *under],
        cwd=PROJECT,
        check=True,
        capture_output=True,
        text=True,
    )
    return {name for name in done.stdout.split("\0") if name}


def test_the_wheel_has_every_file_of_the_program_and_nothing_else(made: Path) -> None:
    with zipfile.ZipFile(next(made.glob("*.whl"))) as wheel:
        inside = {name for name in wheel.namelist() if ".dist-info/" not in name}
        assert inside == versioned("sincronizador")
        assert all(wheel.getinfo(name).file_size == (PROJECT / name).stat().st_size for name in inside)


def test_the_sdist_has_what_the_wheel_and_the_package_are_made_of(made: Path) -> None:
    with tarfile.open(next(made.glob("*.tar.gz"))) as sdist:
        inside = {name.partition("/")[2] for name in sdist.getnames()}
    assert inside >= versioned(
        "sincronizador", "packaging", "config", "docs", "*.service", "requirements.lock", "LICENSE"
    )


def test_the_wheel_works_where_nothing_else_of_the_project_is(made: Path, tmp_path: Path) -> None:
    place = tmp_path / "entorno"
    venv.create(place, system_site_packages=False, with_pip=False)
    python = place / "bin" / "python"
    command = [sys.executable, "-m", "pip", "--python", python, "install", "--quiet", "--no-deps", "--no-index"]
    subprocess.run([*command, next(made.glob("*.whl"))], check=True, capture_output=True)
    # What it stands on is the same everywhere: that of the tests will do.
    beside = [path for path in sys.path if path.endswith("site-packages")]
    done = subprocess.run(
        [place / "bin" / "sincronizador", "demo", "--preparar", tmp_path / "i"],
        cwd=tmp_path, capture_output=True, text=True, check=False, env={"PYTHONPATH": ":".join(beside), "PATH": ""},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
