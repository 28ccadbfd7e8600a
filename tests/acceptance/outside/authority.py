"""The DGI to test against as a process, and everything that was sent to it, judged by DGI's schemas and xmlsec1."""

import hashlib
import json
import re
import ssl
import subprocess
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from lxml import etree

from outside import documents
from outside.documents import CFE, DSIG, SAFE
from outside.installation import COMMAND, environment, wait_for

SCHEMAS = {"EnvioCFE": "EnvioCFE", "Reporte": "ReporteDiarioCFE"}
"""Root of what is sent -> its schema's file."""
_ONE = re.compile(rb"<(?P<tag>(?:\w+:)?CFE)\s.*?</(?P=tag)>", re.DOTALL)


class Authority:
    """`sincronizador nube dgi-prueba` over a prepared folder."""

    def __init__(self, folder: Path, port: int) -> None:
        self.folder = folder
        self.port = port
        self.log = folder / "dgi.txt"
        self.process: subprocess.Popen[bytes] | None = None
        self.environment: Mapping[str, str] = {}
        """Of its process, besides that of the tests."""

    def start(self) -> None:
        """Start it and wait until it answers."""
        reference = documents.reference()
        schemas = ("--esquemas", str(reference / "uruguay/xsd/1.44.2")) if reference else ()
        command = [*COMMAND, "nube", "dgi-prueba", "--puerto", str(self.port), "--carpeta", str(self.folder), *schemas]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                command, stdout=log, stderr=log, stdin=subprocess.DEVNULL, env=environment(**self.environment)
            )
        wait_for("the DGI to test against", self._answers)

    def close(self) -> None:
        """End it."""
        if self.process:
            self.process.kill()
            self.process.wait()
            self.process = None

    def tail(self) -> str:
        """The end of what it said."""
        return "\n".join(self.log.read_text("utf-8", "replace").splitlines()[-20:]) if self.log.exists() else ""

    def told(self, name: str, said: object) -> None:
        """Tell it something by its back door."""
        self._call(name, json.dumps(said).encode())

    def state(self) -> Any:
        """Everything that it has."""
        return json.loads(self._call("estado"))

    def sent(self, kind: str, number: int) -> bytes:
        """The ``sobre`` or ``reporte`` that it received under this number."""
        return self._call(f"{kind}/{number}")

    def reports(self, day: str) -> list[dict[str, Any]]:
        """Those that it received of a day, in the order of arrival."""
        return [one for one in self.state()["reportes"] if one["dia"] == day]

    def faults(self, folder: Path, certificate: str) -> list[str]:
        """What is wrong with anything that was sent: against the schemas, the signatures (a PEM file), itself."""
        folder.mkdir()
        state = self.state()
        kinds = {"sobre": state["sobres"], "reporte": state["reportes"]}
        files = [
            (f"{kind}-{one['id']}", self.sent(kind, one["id"])) for kind, several in kinds.items() for one in several
        ]
        return [*_repeated(state), *(fault for name, raw in files for fault in _faulty(folder, name, raw)),
                *documents.unverified([str(path) for path in sorted(folder.iterdir())], certificate)]  # fmt: skip

    def _call(self, path: str, body: bytes | None = None) -> bytes:
        # Its certificate is for 127.0.0.1, by an authority of its own.
        trusted = ssl.create_default_context(cafile=str(self.folder / "identidad" / "autoridad.pem"))
        url = f"https://127.0.0.1:{self.port}/prueba/{path}"
        with urllib.request.urlopen(url, body, timeout=30, context=trusted) as answer:
            return bytes(answer.read())

    def _answers(self) -> bool:
        if self.process and self.process.poll() is not None:
            raise AssertionError(f"DGI ended {self.process.returncode}\n{self.tail()}")
        try:
            return bool(self._call("guion"))
        except OSError:
            return False


def _repeated(state: Mapping[str, Any]) -> Iterator[str]:
    """Documents and reports that were received more than once, with other bytes or the same."""
    numbers: dict[tuple[object, ...], int] = {}
    for one in state["respuestas"]:
        key = one["tipo"], one["serie"], one["numero"]
        numbers[key] = numbers.get(key, 0) + 1
    yield from (f"{key} was sent {count} times" for key, count in numbers.items() if count > 1)
    days: dict[tuple[object, ...], int] = {}
    for one in state["reportes"]:
        days[one["dia"], one["secuencia"]] = days.get((one["dia"], one["secuencia"]), 0) + 1
    yield from (f"the report {key} was sent {count} times" for key, count in days.items() if count > 1)


def _faulty(folder: Path, name: str, raw: bytes) -> Iterator[str]:
    """What the schema says about a file that was sent; what is signed in it is put into the folder, cut out."""
    root = etree.fromstring(raw, SAFE)
    rules = _schema(root.tag.removeprefix(CFE))
    if rules and not rules.validate(etree.fromstring(raw, SAFE)):
        yield f"{name}: XSD: {rules.error_log.last_error}"
    if root.tag == f"{CFE}Reporte":
        (folder / f"{name}.xml").write_bytes(raw)
        return
    signed = [found[0] for found in _ONE.finditer(raw)]
    if len(signed) != len(root.findall(f"{CFE}CFE")):
        yield f"{name}: {len(signed)} documents can be cut out of it, it has {len(root.findall(f'{CFE}CFE'))}"
    for place, one in enumerate(signed, 1):
        (folder / f"{name}-{place}.xml").write_bytes(one)
        document = documents.parse(one)
        yield from (f"{name}-{place}: {fault}" for fault in documents.invalid(document))
        if not document.root.findall(f"{DSIG}Signature"):
            yield f"{name}-{place}: not signed"


@cache
def _schema(root: str) -> etree.XMLSchema | None:
    reference = documents.reference()
    return etree.XMLSchema(etree.parse(reference / f"uruguay/xsd/1.44.2/{SCHEMAS[root]}.xsd")) if reference else None


def digest(raw: bytes) -> str:
    """As the state of the DGI to test against tells documents."""
    return hashlib.sha256(raw).hexdigest()
