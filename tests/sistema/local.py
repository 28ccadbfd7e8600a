"""A shop in a machine: the package, its settings, and a legacy system that drops files as a user of its group."""

import re
import shutil
from pathlib import Path

from machine import Machine, wait_for

SPOOL = "/var/spool/sincronizador"
JOURNAL = "/var/lib/sincronizador/diario.db"
TOML = "/etc/sincronizador/sincronizador.toml"
PAPERS = f"{SPOOL}/papel"
SERVICE = "sincronizador.service"
LEGACY = "caja"
_ANSWERS = f"""\
ambiente = "prueba"
ruta = "local"

[impresora.CAJA1]
via = "carpeta"
destino = "{PAPERS}"
"""
_SALE = """\
[DOCUMENTO]
TIPO=e-Ticket
REFERENCIA={referencia}

FORMA_PAGO=CONTADO

[ITEM]
DETALLE=Yerba 1 kg
PRECIO={price},00
IVA=BASICA

[FIN]
"""


def install(machine: Machine, deb: Path, *, fails: bool = False) -> str:
    """As apt does with the file; what it said."""
    shutil.copy(deb, machine.path("/root"))
    done = machine.run(
        "apt-get", "install", "--yes", "--no-install-recommends", "--allow-downgrades", f"/root/{deb.name}", fails=fails
    )
    return done.stdout + done.stderr


def configure(machine: Machine) -> str:
    """What a branch does to begin: a file of answers. It ends with a first sale."""
    machine.run("install", "-d", "-o", "sincronizador", "-g", "sincronizador", "-m", "2770", PAPERS)
    machine.path("/root/respuestas.toml").write_text(_ANSWERS, "utf-8")
    return machine.run("sincronizador", "configurar", "--respuestas", "/root/respuestas.toml").stdout


def hire(machine: Machine) -> None:
    """A user of the legacy system, who is in the group and nothing else."""
    machine.run("useradd", "--groups", "sincronizador", LEGACY)


def drop(machine: Machine, *referencias: str) -> None:
    """Sales, as that user leaves them: under another name first, for that is how it is written in the manual."""
    script = (
        'cd "$1"; while read -r name; do read -r text; printf "$text" > "$name.tmp"; mv "$name.tmp" "$name.txt"; done'
    )
    lines = []
    for place, referencia in enumerate(referencias, 100):
        lines += [referencia, _SALE.format(referencia=referencia, price=place).replace("\n", "\\n")]
    machine.run(
        "sh", "-c", f"umask 0007; {script}", "sh", f"{SPOOL}/entrada", user=LEGACY, given="\n".join(lines) + "\n"
    )


def answer(machine: Machine, referencia: str, *, word: str = "OK", patience: float = 60.0) -> dict[str, str]:
    """The answer that the legacy user reads, once it begins with that word."""
    path = f"{SPOOL}/salida/{referencia}.rsp"

    def look() -> dict[str, str] | None:
        if not machine.path(path).exists():
            return None
        text = machine.run("cat", path, user=LEGACY).stdout
        fields = dict(re.findall(r"^([A-Z_]+)=(.*?)\r?$", text, re.MULTILINE))
        return fields if fields.get("ESTADO") == word or text.startswith(word) else None

    return wait_for(f"an answer {word} to {referencia}", look, patience)


def papers(machine: Machine) -> list[str]:
    """What came out of the printer, by the names of its files; a copy has another."""
    return sorted(path.stem for path in machine.path(PAPERS).glob("*.bin"))


def numbers(machine: Machine) -> dict[str, str]:
    """REFERENCIA -> type, series and number of everything that the journal holds; each once."""
    rows = machine.run("python3", "-c", _NUMBERS, JOURNAL).stdout.split()
    found = dict(row.split("=", 1) for row in rows)
    assert len(found) == len(rows), rows
    assert len(set(found.values())) == len(rows), rows
    return found


_NUMBERS = """
import sqlite3, sys
db = sqlite3.connect(f"file:{sys.argv[1]}?mode=ro", uri=True)
for row in db.execute("SELECT job.referencia, tipo, serie, numero FROM document JOIN job ON job.id = document.job"):
    print("{}={}-{}-{}".format(*row))
"""
