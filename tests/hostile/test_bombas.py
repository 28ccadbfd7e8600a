"""What is small and wants to become large, or to fetch something: little memory, no file, no network, a sentence."""

# ruff: noqa: E501 - a bomb is read best on one line
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
MEMORY = 700 << 20
"""Of address space, for the interpreter and all libraries too; a bomb wants gigabytes."""

BOMBS = {
    "risas": ("xml", 'bomb(b"<!ENTITY z \'xxxxxxxxxx\'>" + b"".join((\'<!ENTITY %s "%s">\' % (chr(96 + n), ("&%s;" % (chr(97 + n) if n < 12 else "z")) * 40)).encode() for n in range(1, 13)))'),
    "cuadrática": ("xml", 'bomb(b"<!ENTITY a \'" + b"x" * 900_000 + b"\'>").replace(b"&a;", b"&a;" * 100_000)'),
    "externa": ("xml", 'bomb(b"<!ENTITY a SYSTEM \'file:///etc/passwd\'>")'),
    "de parámetro": ("xml", 'bomb(b"<!ENTITY % p SYSTEM \'http://127.0.0.1:9/x\'> %p;")'),
    "externa, de otro": ("verificar-xml", 'bomb(b"<!ENTITY a SYSTEM \'file:///etc/passwd\'>")'),
    "risas, de otro": ("verificar-xml", 'bomb(b"<!ENTITY b \'" + b"x" * 900_000 + b"\'><!ENTITY a \'" + b"&b;" * 10_000 + b"\'>")'),
    "risas en un CAE": ("CAE", 'bomb(b"<!ENTITY a \'" + b"x" * 900_000 + b"\'>")'),
    "risas en una firma": ("firma", 'bomb(b"<!ENTITY a \'" + b"x" * 900_000 + b"\'>")'),
    "XInclude": ("xml", 'CFE + b\'<x:include xmlns:x="http://www.w3.org/2001/XInclude" href="/etc/passwd" parse="text"/></eTck></CFE>\''),
    "libro que se infla": ("mapeo odoo-xlsx", 'workbook(lambda size: b" " * size)(900_000_000 // 3)'),
    "libro con DTD": ("mapeo odoo-xlsx", 'workbook(lambda size: b"<!DOCTYPE a [<!ENTITY a \'x\'>]><a>&a;</a>")(1)'),
    "exponente": ("mapeo handy", 'b\'{"salesOrders":[{"number":1e999999999,"total":-1E+999999999}]}\''),
    "exponente en un TXT": ("txt", 'HEAD + b"[ITEM]\\nDETALLE=x\\nCANTIDAD=1E999999999\\nPRECIO=9e99999\\nIVA=MINIMA\\n[FIN]\\n"'),
    "celda con exponente": ("mapeo odoo-xlsx", 'workbook(lambda size: _SHEET + b"<row><c><v>1e308</v></c><c><v>1E999999999</v></c></row>" + _END)(1)'),
    "fila número mil millones": ("mapeo odoo-xlsx", 'workbook(lambda size: _SHEET + b\'<row r="1000000000"><c r="XFD1000000000"><v>1</v></c></row>\' + _END)(1)'),
}  # fmt: skip
_EAT = """
import resource, sys
sys.path[:0] = {here!r}
from shapes import *
from shapes import _SHEET, _END
from sincronizador.errors import SincronizadorError
EAT["xml"](CFE + b"</eTck></CFE>")
resource.setrlimit(resource.RLIMIT_AS, ({memory}, {memory}))
resource.setrlimit(resource.RLIMIT_CPU, (60, 60))
for name, (target, made) in {bombs!r}.items():
    try:
        EAT[target](eval(made))
    except SincronizadorError as error:
        assert "root:" not in str(error)
    except BaseException as error:
        print(name, type(error), error)
print("FIN")
"""


def test_no_bomb_goes_off() -> None:
    program = _EAT.format(here=[str(HERE), str(HERE.parent)], bombs=BOMBS, memory=MEMORY)
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=110, check=False)
    assert done.returncode == 0, done.stderr[-2_000:]
    assert done.stdout == "FIN\n"
