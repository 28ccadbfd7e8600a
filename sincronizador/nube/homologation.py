"""
The set of test documents that DGI asks for before a company may issue, made by an installation of its own.

DGI wants so many received documents of each of six types, signed on one day, and the report of that day. What there is
is read in the cloud every time, so whoever falls or is stopped goes on where it was: documents have keys that say
their day and place, and the same key is the same document. Ingreso al régimen, instructivo v18.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal

from sincronizador.core.emitido import Anexo
from sincronizador.core.receipt import Attempt, Changes, CloudState, Receipt, Reply, Said, Submission
from sincronizador.countries.door import Country
from sincronizador.countries.uy.threshold import TOPE_UI_E_TICKET
from sincronizador.countries.uy.tipos import ZONE, Regimen, TipoCfe
from sincronizador.errors import Refused, SincronizadorError
from sincronizador.formats.read import read
from sincronizador.nube import filing_codes
from sincronizador.nube.caller import Caller
from sincronizador.nube.cloud import Cloud
from sincronizador.nube.dailies import Report
from sincronizador.nube.issuers import COUNTRY
from sincronizador.nube.paperwork import DayReport

CODE = "HOMOLOGA"
"""The installation that the set belongs to."""
CORRECTED: Mapping[int, int] = {102: 101, 103: 101, 112: 111, 113: 111}
"""Note -> what it corrects."""
TYPES = (101, 111, 102, 103, 112, 113)
"""In the order in which they can be made."""
WANTED = 50
"""Received documents of each type."""
MOST_REJECTED = 10
"""Rejected ones of a type that are replaced on one day; then a person looks at what is wrong."""

_PAGE = 500
_UI = Decimal(10)
"""Pesos, where no year's is known."""
_MACHINE = "homologar"
_SENT = (CloudState.CONFIRMED, CloudState.SENT, CloudState.ACCEPTED)
_PERSON = "TIPO_DOC=CI\nDOCUMENTO=12345672\nNOMBRE=Persona de prueba\n"
_COMPANY = "TIPO_DOC=RUT\nDOCUMENTO={receptor}\nNOMBRE=Empresa de prueba\n"
_DOCUMENT = """\
[DOCUMENTO]
TIPO={tipo}
REFERENCIA={key}
FORMA_PAGO=CONTADO
PRECIOS=CON_IVA
[RECEPTOR]
{receptor}DIRECCION=18 de Julio 1234
CIUDAD=Montevideo
[ITEM]
DETALLE=Artículo de prueba
PRECIO={precio:.2f}
IVA={iva}
{referencia}[FIN]
"""
_REFERENCIA = "[REFERENCIA]\nTIPO={tipo}\nSERIE={serie}\nNUMERO={numero}\nRAZON=Prueba de ingreso\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class OfType:
    """How far the documents of a type are."""

    tipo: int
    accepted: int
    waiting: int
    """Made, without an answer of DGI."""
    rejected: int
    missing: int
    """To be accepted, of what is wanted."""
    reasons: tuple[str, ...]
    """What DGI has against some of them."""

    @property
    def is_stuck(self) -> bool:
        """Whether so many were rejected that no more are made."""
        return self.missing > self.waiting and self.rejected > MOST_REJECTED


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far the set is."""

    day: date
    """On which it is signed."""
    types: tuple[OfType, ...]
    report: DayReport

    @property
    def is_accepted(self) -> bool:
        """Whether DGI has every document that is wanted."""
        return not any(one.missing for one in self.types)

    @property
    def is_complete(self) -> bool:
        """Whether it has also processed the report of the day."""
        return self.is_accepted and self.report.state is Report.DONE and not self.report.trouble


class Homologation:
    """Of one issuer. What it makes is sent by the cloud's server, as everything is."""

    def __init__(self, cloud: Cloud, rut: str, *, who: str, receptor: str, wanted: int = WANTED) -> None:
        """
        Join the cloud as an installation, made the first time. `receptor` is the RUT that the e-Facturas are for.

        Raises `Refused` E3780 in production.
        """
        refuse_production(cloud)
        self._cloud = cloud
        self._rut = rut
        self._receptor = receptor
        self._wanted = wanted
        self._caller = _join(cloud, who, rut)
        self._receipts: dict[str, Receipt] = {}
        self._cursor = ""

    def advance(self, now: datetime) -> int:
        """Make what is missing and can be made now; how many. Raises `Refused` E3782, and what the cloud raises."""
        self._look()
        today = now.astimezone(ZONE).date()
        self._settle(today)
        if self._day(today) != today:
            return 0
        made = 0
        for tipo in TYPES:
            for number, corrected in enumerate(self._targets(tipo, today), self._next(tipo, today)):
                self._issue(tipo, today, number, corrected)
                made += 1
            self._look()
        return made

    def progress(self, now: datetime) -> Progress:
        """How far the set is now."""
        self._look()
        day = self._day(now.astimezone(ZONE).date())
        types = tuple(self._of_type(tipo, day) for tipo in sorted(TYPES))
        return Progress(day=day, types=types, report=self._cloud.paperwork.report_of(self._rut, day))

    def _look(self) -> None:
        """What changed since the last look."""
        more = True
        while more:
            page = self._cloud.changes(self._caller, self._cursor, _PAGE)
            if not isinstance(page, Changes):
                raise _stopped(CODE, page.message)
            self._receipts |= {receipt.key: receipt for receipt in page.receipts}
            self._cursor, more = page.cursor, page.more

    def _settle(self, today: date) -> None:
        """What was being made when somebody fell counts if its day goes on, and is void otherwise."""
        for receipt in [one for one in self._receipts.values() if one.state is CloudState.PREPARED]:
            if _day_of(receipt) == today:
                self._confirm(receipt)
            else:
                attempt = Attempt(self._caller.epoch, receipt.attempt.counter + 1)
                self._cloud.void(self._caller, receipt.key, attempt, "El juego de pruebas se firma en un solo día.")
        self._look()

    def _day(self, today: date) -> date:
        """The newest day that has enough of each type, in DGI or on the way; today where there is none."""
        days = {_day_of(receipt) for receipt in self._receipts.values()}
        whole = (day for day in days if all(len(self._sent(tipo, day)) >= self._wanted for tipo in TYPES))
        return max(whole, default=today)

    def _of(self, tipo: int, day: date) -> list[Receipt]:
        return [one for one in self._receipts.values() if one.tipo == tipo and _day_of(one) == day]

    def _sent(self, tipo: int, day: date) -> list[Receipt]:
        return [one for one in self._of(tipo, day) if one.state in _SENT]

    def _next(self, tipo: int, day: date) -> int:
        return 1 + max((int(one.key.rpartition("-")[2]) for one in self._of(tipo, day)), default=0)

    def _targets(self, tipo: int, day: date) -> Sequence[Receipt | None]:
        """One for each document of the type to be made now: what it corrects, which DGI has accepted."""
        found = self._of_type(tipo, day)
        count = 0 if found.is_stuck else max(0, self._wanted - len(self._sent(tipo, day)))
        if tipo not in CORRECTED:
            return [None] * count
        known = [one for one in self._of(CORRECTED[tipo], day) if one.state is CloudState.ACCEPTED]
        if len(known) < self._wanted:
            return ()
        begin = len(self._sent(tipo, day))
        return [known[place % len(known)] for place in range(begin, begin + count)]

    def _of_type(self, tipo: int, day: date) -> OfType:
        sent = self._sent(tipo, day)
        rejected = [one for one in self._of(tipo, day) if one.state is CloudState.REJECTED]
        accepted = sum(one.state is CloudState.ACCEPTED for one in sent)
        said = {one.authority for one in (*rejected, *sent)} - {""}
        return OfType(
            tipo=tipo, accepted=accepted, waiting=len(sent) - accepted, rejected=len(rejected),
            missing=max(0, self._wanted - accepted), reasons=tuple(sorted(said)),
        )  # fmt: skip

    def _issue(self, tipo: int, today: date, number: int, corrected: Receipt | None) -> None:
        """As a till does: submitted, adopted, confirmed."""
        key = f"HOM-{today:%Y%m%d}-{tipo}-{number:03}"
        country = self._cloud.country(self._rut)
        draft = _drafted(country, key, self._text(tipo, key, number, corrected), today)
        submission = Submission(
            attempt=Attempt(self._caller.epoch, 1), country=COUNTRY, issuer=self._rut, branch=country.branch(draft),
            terminal="", tipo=tipo, draft=draft, anexo=Anexo(),
        )  # fmt: skip
        said = self._cloud.submit(self._caller, key, submission, hashlib.sha256(draft).hexdigest()).reply
        if said.said is not Said.STORED or said.receipt is None:
            raise _stopped(key, said.message)
        self._confirm(said.receipt)

    def _confirm(self, receipt: Receipt) -> None:
        said = self._cloud.confirm(self._caller, receipt.key, receipt.numero, receipt.sha256).reply
        if said.said is not Said.STORED:
            raise _stopped(receipt.key, said.message)

    def _text(self, tipo: int, key: str, number: int, corrected: Receipt | None) -> str:
        """
        What a shop would drop: above 5,000 UI, for DGI receives smaller e-Tickets only in the report.

        A note is of half of what it corrects.
        """
        issuer = next(one for one in self._cloud.issuers() if one.rut == self._rut)
        tope = TOPE_UI_E_TICKET * max(issuer.ajustes.ui.values(), default=_UI)
        precio = int(tope) * (2 if corrected else 4) + number
        is_general = issuer.branches[0].regimen == Regimen.GENERAL
        referencia = (
            _REFERENCIA.format(tipo=corrected.tipo, serie=corrected.serie, numero=corrected.numero) if corrected else ""
        )
        receptor = _PERSON if TipoCfe(tipo).is_e_ticket else _COMPANY.format(receptor=self._receptor)
        return _DOCUMENT.format(
            tipo=tipo, key=key, receptor=receptor, precio=precio, iva="BASICA" if is_general else "EXENTA",
            referencia=referencia,
        )  # fmt: skip


def refuse_production(cloud: Cloud) -> None:
    """Raises `Refused` E3780 for a cloud whose documents are real."""
    if cloud.environment() != "prueba":
        raise filing_codes.NO_TEST_SETS_HERE.at().as_error(Refused)


def _join(cloud: Cloud, who: str, rut: str) -> Caller:
    """The set's installation, made the first time; it keeps nothing that the cloud could have lost."""
    found = {one.code: one for one in cloud.installations(rut)}.get(CODE)
    made = found if found is not None else cloud.add_installation(who, rut, CODE)[0]
    caller = Caller(
        installation=made.id, rut=rut, code=CODE, epoch=made.epoch, server_epoch=cloud.server_epoch()
    )  # fmt: skip
    raised = cloud.raise_epoch(caller, _MACHINE, made.epoch)
    if isinstance(raised, Reply):
        raise _stopped(CODE, raised.message)
    caller = replace(caller, epoch=raised.epoch)
    if not made.recovered:
        cloud.recovered(caller, ())
    return caller


def _drafted(country: Country, key: str, text: str, today: date) -> bytes:
    """By the law that reads what shops drop. Raises `Refused` E3782 with what it has against it."""
    reading = read(text.encode(), vocabulary=country.vocabulary, from_xml=country.from_xml)
    request = country.read(reading.sections, today)
    for finding in (*reading.findings, *country.check(request, {}, today)):
        if finding.is_error:
            raise _stopped(key, finding.message)
    return country.draft(request, {})


def _stopped(key: str, detail: str) -> SincronizadorError:
    return filing_codes.SET_STOPPED.at(clave=key, detalle=detail.rstrip(".")).as_error(Refused)


def _day_of(receipt: Receipt) -> date:
    return receipt.signed_at.astimezone(ZONE).date()
