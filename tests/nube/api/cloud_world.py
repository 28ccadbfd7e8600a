"""A cloud for tests: written once, copied for each test, served by a process or in this one; and who speaks to it."""

import http.client
import json
import os
import shutil
import signal
import ssl
import subprocess
import sys
import threading
from base64 import b64decode, b64encode
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path
from urllib.parse import urlsplit

from sincronizador.core.numbering import Folio, Rango
from sincronizador.countries.uy.emisor import Ajustes, Emisor
from sincronizador.countries.uy.rut import check_rut
from sincronizador.countries.uy.uruguay import Uruguay
from sincronizador.formats.read import read
from sincronizador.nube import assembly
from sincronizador.nube.configuration import load as load_cloud
from sincronizador.settings import load
from sincronizador.signing.certificate import load_pkcs12, to_pkcs12
from sincronizador.signing.identity import Validity, issue, make_authority, sign_cae
from sincronizador.signing.xmldsig import XmlSigner

PROJECT = Path(__file__).parents[3]
NOW = datetime.now(Uruguay.zone)
SALE = """[DOCUMENTO]
TIPO=101
REFERENCIA={referencia}
FORMA_PAGO=CONTADO
[ITEM]
DETALLE=Pan
PRECIO={precio}
IVA=MINIMA
[FIN]
"""


@dataclass
class Answer:
    """What came back."""

    status: int
    headers: dict[str, str]
    content: bytes

    @property
    def json(self):
        return json.loads(self.content)

    @property
    def code(self):
        """``error.code``."""
        return self.json["error"]["code"]


@dataclass
class Speaker:
    """Who speaks to a cloud, with its token and the headers of the contract."""

    url: str
    token: str = ""
    epoch: int = 0
    server_epoch: str = ""
    ca: str = ""
    more: dict[str, str] = field(default_factory=dict)

    def call(self, method, path, body=None, **headers):
        """One request on a connection of its own."""
        found = urlsplit(self.url)
        if found.scheme == "https":
            context = ssl.create_default_context(cafile=self.ca or None)
            line = http.client.HTTPSConnection(found.hostname, found.port, timeout=30, context=context)
        else:
            line = http.client.HTTPConnection(found.hostname, found.port, timeout=30)
        content = body if isinstance(body, bytes | None) else json.dumps(body).encode()
        named = {**self.heads(), **{name.replace("_", "-"): value for name, value in headers.items()}}
        sent = {name: value for name, value in named.items() if value is not None}
        try:
            line.request(method, path, content, sent)
            answer = line.getresponse()
            return Answer(answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read())
        finally:
            line.close()

    def heads(self):
        """The headers of the contract."""
        own = {"Sincronizador-Epoch": str(self.epoch), "Sincronizador-Server-Epoch": self.server_epoch}
        bearer = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        return {**own, **bearer, **self.more}

    def greet(self):
        """Ask health, and believe its server_epoch."""
        answer = self.call("GET", "/v1/health")
        self.server_epoch = answer.json["server_epoch"]
        return answer

    def take_epoch(self, machine="maquina-1"):
        """The first epoch of this installation."""
        self.greet()
        answer = self.call("POST", "/v1/installations/self/epoch", {"machine": machine, "from": self.epoch})
        assert answer.status == 200, answer.content
        self.epoch = answer.json["epoch"]


class Shop:
    """An issuer's law and key: makes what installations send."""

    def __init__(self, folder):
        self.settings = load(str(folder / "sincronizador.toml"))
        self.rut = self.settings.emisor.rut
        self.country = Uruguay(Emisor(**self.settings.emisor.model_dump()), Ajustes(ui=self.settings.ui))
        password = self.settings.certificado.clave.read()
        identity = load_pkcs12(Path(self.settings.certificado.archivo).read_bytes(), password)
        self.certificate = identity.certificate
        self.signer = XmlSigner(identity)

    def draft(self, referencia, precio="89,00"):
        """The XML of a sale without number and signature."""
        text = SALE.format(referencia=referencia, precio=precio).encode()
        reading = read(text, vocabulary=self.country.vocabulary, from_xml=self.country.from_xml)
        request = self.country.read(reading.sections, datetime.now(Uruguay.zone).date())
        assert not [finding for finding in self.country.check(request, {}, request.fecha) if finding.is_error]
        return self.country.draft(request, {})

    def submission(self, referencia, precio="89,00", *, epoch=1, counter=1, rut="", **more):
        """Body of a PUT; with a `rut`, in that issuer's name."""
        draft = self.draft(referencia, precio).replace(self.rut.encode(), (rut or self.rut).encode())
        return {
            "attempt": {"epoch": epoch, "counter": counter},
            "country": "uy",
            "issuer": rut or self.rut,
            "branch": self.settings.emisor.sucursal,
            "terminal": "CAJA1",
            "doc_type": 101,
            "payload": draft.decode(),
            "annex": {"adenda": "Gracias", "correo": ""},
            "sha256": sha256(draft).hexdigest(),
            **more,
        }

    def sign(self, lease, number, referencia, at=None):
        """A document signed at the installation with a number of a lease."""
        facts = lease["cae"]
        rango = Rango(
            id=facts["id"],
            tipo=lease["doc_type"],
            serie=lease["series"],
            desde=facts["from"],
            hasta=facts["to"],
            vence=datetime.fromisoformat(facts["expires"]).date(),
        )
        at = at or datetime.now(Uruguay.zone).replace(microsecond=0)
        complete = self.country.complete(self.draft(referencia), Folio(rango=rango, numero=number), at)
        (plan,) = self.country.signatures(complete)
        return self.signer.sign(complete, plan), at

    def hand_over(self, lease, number, referencia, *, epoch=1, counter=1):
        """Body of a hand-over."""
        signed, at = self.sign(lease, number, referencia)
        return {
            "attempt": {"epoch": epoch, "counter": counter},
            "lease": lease["lease"],
            "series": lease["series"],
            "number": number,
            "signed_xml": b64encode(signed).decode(),
            "annex": {"adenda": "", "correo": ""},
            "signed_at": at.isoformat(),
            "sha256": sha256(signed).hexdigest(),
            "contingency": None,
        }


def confirmation(document):
    """Body of a confirm."""
    return {"number": document["number"], "sha256": document["sha256"]}


def signed_bytes(document):
    """The bytes that a document carries."""
    return b64decode(document["signed_xml"])


class Process:
    """``nube servir`` in a process of its own."""

    def __init__(self, toml, *options):
        command = [sys.executable, "-m", "sincronizador", "--config", str(toml), "nube", "servir", *options]
        environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(PROJECT), "PYTHONUNBUFFERED": "1"}
        self.process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=environment)
        self.log = []
        self.url = ""
        self._ready = threading.Event()
        self._reader = threading.Thread(target=self._read)
        self._reader.start()
        self._ready.wait(30)

    def _read(self):
        for line in self.process.stderr:
            self.log.append(line.rstrip())
            if "event=ready" in line:
                self.url = line.split("url=")[1].split()[0]
                self._ready.set()
        self._ready.set()

    def stop(self, number=signal.SIGTERM):
        """Its exit code."""
        if self.process.poll() is None:
            self.process.send_signal(number)
        code = self.process.wait(60)
        self._reader.join()
        self.process.stderr.close()
        return code


def copy_of(prepared, folder):
    """A cloud and its installation that a test may change."""
    shutil.copytree(prepared, folder)
    toml = folder / "nube.toml"
    lines = (line for line in toml.read_text().splitlines() if not line.startswith("escuchar"))
    toml.write_text("\n".join(lines) + '\nescuchar = "127.0.0.1:0"\n')
    return toml


def other_rut(first):
    """A RUT that nobody has, but with a right check digit."""
    return next(rut for digit in range(10) if check_rut(rut := f"{first}{digit}"))


def add_issuer(toml, first, codes):
    """Add an issuer with a certificate, a CAE of e-Tickets and installations to a cloud that does not run; tokens."""
    rut, validity = other_rut(first), Validity(desde=NOW - timedelta(days=1), hasta=NOW + timedelta(days=300))
    authority = make_authority(validity)
    rango = Rango(id="90260009101", tipo=101, serie="A", desde=1, hasta=1_000, vence=(NOW + timedelta(days=90)).date())
    known = load(str(toml.parent / "sincronizador.toml")).emisor.model_dump()
    cloud = assembly.open_cloud(load_cloud(str(toml)))
    try:
        cloud.keep_issuer("prueba", {**known, "rut": rut, "razon_social": "OTRA DE PRUEBA"}, {"ui": {"2026": "6.4"}})
        p12 = to_pkcs12(issue(authority, validity, rut=rut, titular="OTRA (PRUEBA)"), b"clave")
        cloud.install_certificate("prueba", rut, p12, b"clave")
        cloud.import_cae("prueba", rut, sign_cae(authority, rango, rut=rut, autorizado=NOW.date()))
        return rut, [cloud.add_installation("prueba", rut, code)[1] for code in codes]
    finally:
        cloud.close()


def add_installation(toml, rut, code):
    """One more installation; its token."""
    cloud = assembly.open_cloud(load_cloud(str(toml)))
    try:
        return cloud.add_installation("prueba", rut, code)[1]
    finally:
        cloud.close()
