"""A cloud in the hands of a test: a real base, a real key, real CAEs, and installations that speak to it."""

import copy
import hashlib
import shutil
from dataclasses import replace
from datetime import date, datetime, timedelta, timezone
from functools import cache

from sincronizador.core.emitido import Anexo
from sincronizador.core.numbering import Folio, Rango
from sincronizador.core.receipt import Attempt, HandOver, Submission
from sincronizador.countries.uy.uruguay import Uruguay
from sincronizador.nube import issuers
from sincronizador.nube.caller import Caller
from sincronizador.nube.cloud import Cloud
from sincronizador.nube.fates import Fate
from sincronizador.nube.store import create_store, open_store
from sincronizador.nube.vault import Vault, new_vault_key
from sincronizador.signing.certificate import to_pkcs12
from sincronizador.signing.identity import Validity, issue, make_authority, sign_cae
from sincronizador.signing.xmldsig import XmlSigner

RUT = "219999830019"
OTHER_RUT = "211003420017"
MONTEVIDEO = timezone(timedelta(hours=-3))
NOON = datetime(2026, 11, 21, 12, 0, tzinfo=MONTEVIDEO)
VALIDITY = Validity(desde=NOON - timedelta(days=30), hasta=NOON + timedelta(days=700))
PASSWORD = b"secreto"
KEY = new_vault_key()
ANEXO = Anexo(adenda="Gracias", correo="cliente@example.com")
EMISOR = {
    "rut": RUT,
    "razon_social": "ALMACÉN DE PRUEBA S.A.",
    "sucursal": "1",
    "domicilio": "18 de Julio 1234",
    "ciudad": "Montevideo",
    "departamento": "Montevideo",
    "web": "www.example.com",
    "resolucion": "Res. 1/2026",
}
AJUSTES = {"ui": {"2026": "6.4000", "2027": "6.7000"}}


@cache
def authority():
    return make_authority(VALIDITY)


@cache
def _identity(rut, titular):
    return issue(authority(), VALIDITY, rut=rut, titular=titular)


def identity(rut=RUT, titular="ALMACÉN (PRUEBA)"):
    return _identity(rut, titular)


@cache
def _pkcs12(rut, titular):
    return to_pkcs12(identity(rut, titular), PASSWORD)


def pkcs12(rut=RUT, titular="ALMACÉN (PRUEBA)"):
    return _pkcs12(rut, titular)


def rango(tipo=101, desde=1, hasta=100, *, serie="A", vence=date(2028, 11, 20), name=None):
    return Rango(id=name or f"9026{tipo:03d}{desde:04d}", tipo=tipo, serie=serie, desde=desde, hasta=hasta, vence=vence)


def cae_file(given, *, rut=RUT, authorised=date(2026, 11, 1)):
    return sign_cae(authority(), given, rut=rut, autorizado=authorised)


def draft(what="Pan", *, tipo=101, rut=RUT, sucursal="1", fecha=date(2026, 11, 21), price="100.00"):
    """An e-Ticket of one line, as a daemon sends it; or a note of it."""
    total = f"{float(price):.2f}"
    reference = (
        "<Referencia><Referencia><NroLinRef>1</NroLinRef><TpoDocRef>101</TpoDocRef><Serie>A</Serie>"
        "<NroCFERef>1</NroCFERef><RazonRef>Se devolvió</RazonRef></Referencia></Referencia>"
        if tipo == 102
        else ""
    )
    return (
        f'<CFE xmlns="http://cfe.dgi.gub.uy" version="1.0"><eTck><Encabezado><IdDoc><TipoCFE>{tipo}</TipoCFE>'
        f"<FchEmis>{fecha}</FchEmis><MntBruto>1</MntBruto><FmaPago>1</FmaPago></IdDoc><Emisor><RUCEmisor>{rut}</RUCEmisor>"
        "<RznSoc>ALMACÉN DE PRUEBA S.A.</RznSoc>"
        f"<CdgDGISucur>{sucursal}</CdgDGISucur><DomFiscal>18 de Julio 1234</DomFiscal><Ciudad>Montevideo</Ciudad>"
        "<Departamento>Montevideo</Departamento></Emisor><Totales><TpoMoneda>UYU</TpoMoneda>"
        f"<MntNoGrv>{total}</MntNoGrv><MntTotal>{total}</MntTotal><CantLinDet>1</CantLinDet>"
        f"<MntPagar>{total}</MntPagar></Totales></Encabezado><Detalle><Item><NroLinDet>1</NroLinDet>"
        f"<IndFact>1</IndFact><NomItem>{what}</NomItem><Cantidad>1</Cantidad><UniMed>N/A</UniMed>"
        f"<PrecioUnitario>{price}</PrecioUnitario><MontoItem>{total}</MontoItem></Item></Detalle>{reference}</eTck></CFE>"
    ).encode()


class Clock:
    """A clock that a test moves; it goes on by a microsecond with each look."""

    def __init__(self, at=NOON):
        self.at = at

    def __call__(self):
        self.at += timedelta(microseconds=1)
        return self.at

    def go(self, **how):
        self.at += timedelta(**how)


def caller(cloud, identified, *, epoch=1, fenced=False, server_epoch=None):
    return Caller(
        installation=identified.installation, rut=identified.rut, code=identified.code, epoch=epoch,
        server_epoch=cloud.server_epoch() if server_epoch is None else server_epoch, fenced=fenced,
    )  # fmt: skip


class Till:
    """An installation that speaks to a cloud; it knows what a daemon knows."""

    def __init__(self, place, code="CAJA", rut=RUT, machine="m1", token=None, epoch=None):
        self.place = place
        self.rut = rut
        self.code = code
        self.machine = machine
        self.token = token or place.cloud.add_installation("prueba", rut, code)[1]
        self.fenced = False
        self.server_epoch = place.cloud.server_epoch()
        self.signer = XmlSigner(identity(rut))
        self.epoch = epoch or 0
        if epoch is None:
            self.raise_epoch()

    @property
    def cloud(self):
        return self.place.cloud

    @property
    def me(self):
        who = self.cloud.authenticate(self.token)
        return caller(self.cloud, who, epoch=self.epoch, fenced=self.fenced, server_epoch=self.server_epoch)

    def learn(self):
        """Ask for its health: the only way to a new server_epoch."""
        self.server_epoch = self.cloud.health(None).server_epoch

    def raise_epoch(self, machine=None, known=None):
        raised = self.cloud.raise_epoch(self.me, machine or self.machine, self.epoch if known is None else known)
        if getattr(raised, "granted", False):
            self.epoch = raised.epoch
        return raised

    def clone(self, machine="m2"):
        """The same installation on another machine, with what it knows."""
        return Till(self.place, self.code, self.rut, machine, self.token, self.epoch)

    def submission(self, content, counter=1, *, epoch=None, **fields):
        given = Submission(
            attempt=Attempt(self.epoch if epoch is None else epoch, counter), country="uy", issuer=self.rut,
            branch="1", terminal="CAJA1", tipo=101, draft=content, anexo=ANEXO,
        )  # fmt: skip
        return replace(given, **fields)

    def submit(self, key, content=None, counter=1, *, epoch=None, sha256=None, **fields):
        content = draft(key) if content is None else content
        given = self.submission(content, counter, epoch=epoch, **fields)
        return self.cloud.submit(self.me, key, given, sha256 or hashlib.sha256(content).hexdigest())

    def confirm(self, key, receipt):
        return self.cloud.confirm(self.me, key, receipt.numero, receipt.sha256)

    def sell(self, key, counter=1):
        """Submit and confirm; the receipt."""
        receipt = self.submit(key, counter=counter).reply.receipt
        return self.confirm(key, receipt).reply.receipt

    def void(self, key, counter=2, *, epoch=None):
        attempt = Attempt(self.epoch if epoch is None else epoch, counter)
        return self.cloud.void(self.me, key, attempt, "Descartado por una persona.")

    def lease(self, size=10, tipo=101, idempotency="a"):
        return self.cloud.take_lease(self.me, tipo, "1", size, idempotency)

    def sign(self, lease, numero, content, at=None):
        """A document signed here with a number of a lease."""
        whole = Rango(
            id=lease.cae, tipo=lease.tipo, serie=lease.serie, desde=lease.cae_desde, hasta=lease.cae_hasta,
            vence=lease.vence,
        )  # fmt: skip
        country = law()
        complete = country.complete(content, Folio(rango=whole, numero=numero), at or self.place.clock())
        for plan in country.signatures(complete):
            complete = self.signer.sign(complete, plan)
        return complete

    def hand_over(self, key, signed, counter=2, *, lease="x", epoch=None, sha256=None, **fields):
        emitido = law().emitted(signed, ANEXO)
        document = HandOver(
            attempt=Attempt(self.epoch if epoch is None else epoch, counter), lease=lease, serie=emitido.serie,
            numero=emitido.numero, signed=signed, anexo=ANEXO, signed_at=emitido.firmado,
        )  # fmt: skip
        document = replace(document, **fields)
        return self.cloud.hand_over(self.me, key, document, sha256 or hashlib.sha256(signed).hexdigest())

    def sign_and_hand_over(self, key, lease, numero, counter=2, **how):
        return self.hand_over(key, self.sign(lease, numero, draft(key)), counter, lease=lease.id, **how)


@cache
def law():
    from sincronizador.countries.uy.emisor import Emisor

    return Uruguay(Emisor(**EMISOR), issuers._ajustes(AJUSTES))


class Place:
    """A cloud and where it is kept."""

    def __init__(self, url, folder, cluster=None, *, environment="prueba"):
        self.url = url
        self.folder = folder
        self.cluster = cluster
        self.mark = str(folder / "marca.json")
        self.clock = Clock()
        self.vault = Vault(KEY)
        store = create_store(url, self.mark, environment=environment, clock=self.clock)
        self.cloud = Cloud(store, self.vault, self.clock)

    def copied(self, folder):
        """Another cloud over a copy of this closed one's embedded base: quicker than a new one."""
        made = copy.copy(self)
        made.url, made.folder, made.mark = f"sqlite:///{folder}/nube.db", folder, str(folder / "marca.json")
        made.clock = Clock()
        shutil.copy(self.path, made.path)
        shutil.copy(self.mark, made.mark)
        made.reopen_closed()
        return made

    def found(self, rut=RUT, caes=None):
        """An issuer with certificate and CAEs."""
        self.cloud.keep_issuer("prueba", {**EMISOR, "rut": rut}, AJUSTES)
        self.cloud.install_certificate("prueba", rut, pkcs12(rut), PASSWORD)
        for given in caes if caes is not None else (rango(hasta=10_000),):
            self.cloud.import_cae("prueba", rut, cae_file(given, rut=rut))
        return self

    def reopen(self, **how):
        """Stop the server and start it again on what the base holds."""
        self.cloud.close()
        self.reopen_closed(**how)

    def reopen_closed(self, **how):
        """Start a server that was stopped."""
        self.cloud = Cloud(open_store(self.url, self.mark, clock=self.clock, **how), self.vault, self.clock)

    def backup(self):
        """A copy of the base of this moment; the server is stopped for it."""
        self.cloud.close()
        if self.cluster:
            copy = self.cluster.copy(self.url)
        else:
            copy = self.folder / "copia.db"
            shutil.copy(self.path, copy)
        self.reopen_closed()
        return copy

    def restore(self, copy):
        """The base is that copy again; its watermark stays."""
        self.cloud.close()
        if self.cluster:
            self.url = self.cluster.copy(copy)
        else:
            for end in ("-wal", "-shm"):
                (self.folder / f"nube.db{end}").unlink(missing_ok=True)
            shutil.copy(copy, self.path)
        self.reopen_closed()

    @property
    def path(self):
        return self.folder / "nube.db"

    def fates(self, tipo=101, rut=RUT):
        """How many numbers of a type have each fate, of those that any has."""
        totals = {}
        for found in self.cloud.numbers(rut):
            if found.doc_type == tipo:
                for fate, count in found.totals.items():
                    totals[fate] = totals.get(fate, 0) + count
        return {fate.value: count for fate, count in totals.items() if count}

    def fate(self, numero, tipo=101, rut=RUT):
        """The fate of one number."""
        for found in self.cloud.numbers(rut):
            for stretch in found.stretches:
                if found.doc_type == tipo and stretch.first <= numero <= stretch.last:
                    return stretch.fate
        return Fate.FREE

    def alarms(self, rut=RUT):
        """The codes of the alarms that were sounded."""
        return sorted(alarm.code for alarm in self.cloud.alarms(rut) if alarm.id)
