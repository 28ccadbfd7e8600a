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
ANSWERS = f"""\
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


def configure(machine: Machine, answers: str = ANSWERS) -> str:
    """What a branch does to begin: a file of answers. It ends with a first sale."""
    machine.run("install", "-d", "-o", "sincronizador", "-g", "sincronizador", "-m", "2770", PAPERS)
    machine.path("/root/respuestas.toml").write_text(answers, "utf-8")
    return machine.run("sincronizador", "configurar", "--respuestas", "/root/respuestas.toml").stdout


def hire(machine: Machine) -> None:
    """A user of the legacy system, who is in the group and nothing else."""
    machine.run("useradd", "--groups", "sincronizador", LEGACY)


def set_up_by_hand(machine: Machine) -> None:
    """What a person does without `configurar`: settings and files of a company for trials, certificate, CAE."""
    machine.run("sincronizador", "demo", "--preparar", "/root/p")
    toml = machine.path("/root/p/sincronizador.toml").read_text("utf-8")
    toml = toml.replace('spool = "spool"', f'spool = "{SPOOL}"').replace(
        'diario = "diario.db"', f'diario = "{JOURNAL}"'
    )
    toml = toml.replace('destino = "papel"', f'destino = "{PAPERS}"').replace('"pdf", "png"', "")
    machine.path(TOML).write_text(toml, "utf-8")
    owned = ("-o", "sincronizador", "-g", "sincronizador")
    machine.run("install", "-d", *owned, "-m", "2770", PAPERS)
    machine.run("install", "-d", *owned, "-m", "0700", "/etc/sincronizador/certificado")
    archive = ("/root/p/certificado/emisor.p12", "--clave", "/root/p/certificado/clave.txt")
    machine.run("sincronizador", "certificado", "instalar", *archive, "--ambiente", "prueba")
    machine.run("sincronizador", "cae", "importar", "/root/p/cae/cae-101.xml", "--ambiente", "prueba")
    machine.run("systemctl", "enable", "--now", SERVICE)


def keep_credential(machine: Machine, name: str, secret: str) -> None:
    """As docs/sistemas.md says: encrypted for this machine, loaded by the unit."""
    store = f"/etc/credstore.encrypted/{name}"
    machine.run("install", "-d", "-m", "0700", "/etc/credstore.encrypted")
    machine.run("systemd-creds", "encrypt", "--with-key=host", f"--name={name}", "-", store, given=secret)
    drop_in(machine, f"[Service]\nLoadCredentialEncrypted={name}:{store}\n")


def drop_in(machine: Machine, text: str) -> None:
    """What a customer's unit has besides."""
    path = machine.path(f"/etc/systemd/system/{SERVICE}.d/{len(text)}.conf")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")
    machine.run("systemctl", "daemon-reload")


def set_line(machine: Machine, pattern: str, line: str) -> None:
    """One line of the TOML, exchanged."""
    toml = machine.path(TOML)
    changed, count = re.subn(pattern, line, toml.read_text("utf-8"), count=1, flags=re.MULTILINE)
    assert count == 1
    toml.write_text(changed, "utf-8")


def status(machine: Machine, *expected: str, patience: float = 60.0) -> None:
    """Wait until systemd shows all of that."""
    look = lambda: all(part in machine.show(SERVICE, "StatusText") for part in expected)  # noqa: E731
    wait_for(f"the status {expected}", look, patience)


def drop(machine: Machine, *referencias: str, spool: str = SPOOL) -> None:
    """Sales, as that user leaves them: under another name first, for that is how it is written in the manual."""
    script = (
        'cd "$1"; while read -r name; do read -r text; printf "$text" > "$name.tmp"; mv "$name.tmp" "$name.txt"; done'
    )
    lines = []
    for place, referencia in enumerate(referencias, 100):
        lines += [referencia, _SALE.format(referencia=referencia, price=place).replace("\n", "\\n")]
    machine.run(
        "sh", "-c", f"umask 0007; {script}", "sh", f"{spool}/entrada", user=LEGACY, given="\n".join(lines) + "\n"
    )


def answer(
    machine: Machine, referencia: str, *, spool: str = SPOOL, patience: float = 60.0, **fields: str
) -> dict[str, str]:
    """The answer that the legacy user reads, once it is OK and has those fields."""
    path = f"{spool}/salida/{referencia}.rsp"

    def look() -> dict[str, str] | None:
        if not machine.path(path).exists():
            return None
        text = machine.run("cat", path, user=LEGACY).stdout
        found = dict(re.findall(r"^([A-Z_]+)=(.*?)\r?$", text, re.MULTILINE))
        return found if text.startswith("OK") and found.items() >= fields.items() else None

    return wait_for(f"an answer OK to {referencia} with {fields}", look, patience)


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
