"""A cloud of one's own beside the shop, in the same machine; its line is cut by stopping it."""

from pathlib import Path

import local
from machine import Machine

NUBE = "sincronizador-nube.service"
_TOML = """\
ambiente = "prueba"
base = "/var/lib/sincronizador-nube/nube.db"
clave = "/var/lib/sincronizador-nube/nube.clave"
escuchar = "127.0.0.1:8750"
"""
_ANSWERS = f"""\
ambiente = "prueba"
ruta = "nube"
cajas = ""

[nube]
url = "http://127.0.0.1:8750"
token = "/root/token.txt"

[emisor]
razon_social = "ALMACÉN DE PRUEBA S.A."

[instalacion]
id = "S01"

[certificado]
origen = "archivo"
archivo = "/root/p/certificado/emisor.p12"
clave = "/root/p/certificado/clave.txt"

[impresora.CAJA1]
via = "carpeta"
destino = "{local.PAPERS}"
"""


def found(machine: Machine) -> None:
    """What docs/nube.md has a person do, then the shop that sells through it."""
    machine.run("sincronizador", "demo", "--preparar", "/root/p")
    machine.path("/etc/sincronizador/nube.toml").write_text(_TOML, "utf-8")
    nube = ("sincronizador", "--config", "/etc/sincronizador/nube.toml", "nube")
    caes = sorted(f"/root/p/cae/{path.name}" for path in machine.path("/root/p/cae").iterdir())
    password = Path("/root/p/certificado/clave.txt")
    machine.run(*nube, "crear")
    machine.run(*nube, "emisor", "agregar", "--desde", "/root/p/sincronizador.toml")
    machine.run(*nube, "certificado", "instalar", "/root/p/certificado/emisor.p12", "--clave", password)
    machine.run(*nube, "cae", "importar", *caes)
    machine.run(*nube, "instalacion", "agregar", "S01", "--token-en", "/root/token.txt")
    machine.run("systemctl", "enable", "--now", NUBE)
    local.configure(machine, _ANSWERS)
