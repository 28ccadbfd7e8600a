"""
``make deb``: the Debian package, an environment of its own against the distribution's python3.

What goes in is what ``requirements.lock`` names, by its hashes, without what only development needs.
"""

import argparse
import gzip
import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Mapping
from pathlib import Path

from click.shell_completion import BashComplete, FishComplete, ZshComplete
from locked import runtime
from manual import page
from units import several

from sincronizador.cli import main as program

PROJECT = Path(__file__).resolve().parents[1]
HOME = "/opt/sincronizador"
SYSTEM_PYTHON = "/usr/bin/python3"
EXTRAS = ("nube", "panel", "s3", "hsm", "usb")
COMPLETIONS = {
    BashComplete: "bash-completion/completions/sincronizador",
    ZshComplete: "zsh/vendor-completions/_sincronizador",
    FishComplete: "fish/vendor_completions.d/sincronizador.fish",
}
"""Where the completion of a shell lies below /usr/share."""
_PROGRAM = f"""\
#!{HOME}/bin/python3
import sys
from sincronizador.cli import main
sys.exit(main(prog_name="sincronizador"))
"""


def build(source: Path, out: Path, version: str = "") -> Path:
    """The package of the program in `source`; with `version`, under that one instead of its own."""
    work = PROJECT / "build" / "deb"
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    project = tomllib.loads((source / "pyproject.toml").read_text("utf-8"))["project"]
    version = version or project["version"]
    install(source, work, project)
    lay_out(source, work / "usr", version)
    return pack(work, out, version)


def install(source: Path, work: Path, project: Mapping[str, object]) -> None:
    """The environment as it will lie in `HOME`: no pip, no program but ours, compiled."""
    environment, locked = work / HOME.lstrip("/"), work / "requirements.txt"
    optional = project["optional-dependencies"]
    needs = [*project["dependencies"], *(need for extra in EXTRAS for need in optional.get(extra, ()))]
    locked.write_text("\n".join(runtime((PROJECT / "requirements.lock").read_text("utf-8"), needs)), "utf-8")
    _run(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", work, cwd=source)
    _run(SYSTEM_PYTHON, "-m", "venv", "--without-pip", environment)
    pip = (sys.executable, "-m", "pip", "--disable-pip-version-check", "--python", environment / "bin" / "python3")
    options = ("--quiet", "--no-deps", "--no-compile", "--only-binary=:all:")
    _run(*pip, "install", *options, "--require-hashes", "-r", locked)
    _run(*pip, "install", *options, "--no-index", next(work.glob("sincronizador-*.whl")))
    for script in (environment / "bin").iterdir():
        if not script.is_symlink():
            script.unlink()
    _write(environment / "bin" / "sincronizador", _PROGRAM, 0o755)
    facts = environment / "pyvenv.cfg"
    _write(facts, re.sub(r"^command = .*\n", "", facts.read_text("utf-8"), flags=re.MULTILINE))
    # Fresh whatever the clock says, and with the names that a traceback will have.
    compiling = ("-m", "compileall", "-q", "-j0", "--invalidation-mode", "unchecked-hash", "-s", work, "-p", "/")
    _run(SYSTEM_PYTHON, *compiling, environment / "lib")


def lay_out(source: Path, usr: Path, version: str) -> None:
    """Everything below /usr: units, users, folders, manual, completions, samples."""
    for unit in sorted(source.glob("*.service")):
        text = unit.read_text("utf-8")
        for name, content in ((unit.name, text), several(unit.name, text)):
            _write(usr / "lib/systemd/system" / name, content)
    for kind in ("sysusers", "tmpfiles"):
        _write(usr / f"lib/{kind}.d/sincronizador.conf", (source / f"config/sincronizador.{kind}").read_text("utf-8"))
    share = usr / "share"
    manual = share / "man/man8/sincronizador.8.gz"
    manual.parent.mkdir(parents=True)
    manual.write_bytes(gzip.compress(page(version).encode(), mtime=0))
    for kind, path in COMPLETIONS.items():
        _write(share / path, kind(program, {}, "sincronizador", "_SINCRONIZADOR_COMPLETE").source())
    _write(share / "doc/sincronizador/copyright", (source / "LICENSE").read_text("utf-8"))
    shutil.copytree(
        source / "config", share / "sincronizador/ejemplos", ignore=shutil.ignore_patterns("*.sysusers", "*.tmpfiles")
    )


def pack(work: Path, out: Path, version: str) -> Path:
    """The package of what lies in `work`."""
    python = subprocess.run(
        [SYSTEM_PYTHON, "-c", "import sys; print(*sys.version_info[:2])"], check=True, capture_output=True, text=True
    )
    major, minor = map(int, python.stdout.split())
    facts = {"VERSION": version, "PYTHON": f"{major}.{minor}", "NEXT_PYTHON": f"{major}.{minor + 1}", "ARCH": _arch()}
    for script in sorted((PROJECT / "packaging/scripts").iterdir()):
        text = re.sub(r"@(\w+)@", lambda found: facts[found[1]], script.read_text("utf-8"))
        _write(work / "scripts" / script.name, text, 0o755)
    out.mkdir(parents=True, exist_ok=True)
    made = out / f"sincronizador_{version}_{facts['ARCH']}.deb"
    nfpm = Path(sys.executable).with_name("nfpm")
    _run(nfpm, "package", "--config", "packaging/nfpm.yaml", "--packager", "deb", "--target", made, env=facts)
    return made


def _arch() -> str:
    return subprocess.run(["dpkg", "--print-architecture"], check=True, capture_output=True, text=True).stdout.strip()


def _write(path: Path, text: str, mode: int = 0o644) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")
    path.chmod(mode)


def _run(*command: str | Path, cwd: Path = PROJECT, env: Mapping[str, str] | None = None) -> None:
    subprocess.run(command, cwd=cwd, check=True, stdout=subprocess.DEVNULL, env={**os.environ, **(env or {})})


if __name__ == "__main__":
    given = argparse.ArgumentParser(description="The Debian package.")
    given.add_argument("--version", default="", help="instead of the project's")
    given.add_argument("--source", type=Path, default=PROJECT, help="the tree whose program goes in")
    given.add_argument("--out", type=Path, default=PROJECT / "dist")
    options = given.parse_args()
    print(build(options.source.resolve(), options.out.resolve(), options.version))
