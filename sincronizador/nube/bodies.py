"""The bodies of the wire as pydantic models: what is asked, and what the OpenAPI says is answered."""

import base64
import binascii
from datetime import datetime
from typing import Annotated, Any, Literal, TypeVar

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from sincronizador.nube.troubles import Trouble, bad_request

_BIGGEST = 2**53 - 1
_FIRST_YEAR, _LAST_YEAR = 2000, 2100


def _without_nul(value: str) -> str:
    if "\0" in value:
        raise ValueError("no lleva caracteres NUL")
    return value


def _this_century(value: datetime) -> datetime:
    if not _FIRST_YEAR < value.year < _LAST_YEAR:
        raise ValueError("una fecha de este siglo")
    return value


def _base64(value: str) -> str:
    try:
        base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError):
        raise ValueError("base64") from None
    return value


Natural = Annotated[int, Field(ge=0, le=_BIGGEST)]
Positive = Annotated[int, Field(ge=1, le=_BIGGEST)]
Kind = Annotated[int, Field(ge=1, le=9_999)]
Text = Annotated[str, AfterValidator(_without_nul)]
Word = Annotated[str, Field(max_length=100), AfterValidator(_without_nul)]
Sentence = Annotated[str, Field(max_length=1_000), AfterValidator(_without_nul)]
Reason = Annotated[str, Field(min_length=1, max_length=1_000), AfterValidator(_without_nul)]
Name = Annotated[str, Field(min_length=1, max_length=150), AfterValidator(_without_nul)]
Amount = Annotated[str, Field(pattern=r"^[0-9]{1,9}([.][0-9]{1,4})?$")]
Series = Annotated[str, Field(pattern="^[A-Z]{1,2}$")]
Sha256 = Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
Base64 = Annotated[str, AfterValidator(_base64), Field(json_schema_extra={"format": "byte"})]
Moment = Annotated[AwareDatetime, AfterValidator(_this_century)]


class Asked(BaseModel):
    """A body that we are sent. What a newer client adds is ignored."""

    model_config = ConfigDict(strict=True, frozen=True, extra="ignore")


_A = TypeVar("_A", bound=Asked)


def parse(kind: type[_A], raw: bytes) -> _A:
    """The body. Raises `Trouble` 400, naming the fields that are wrong."""
    try:
        return kind.model_validate_json(raw)
    except ValidationError as exc:
        details = [
            {"field": ".".join(map(str, error["loc"])), "rule": error["type"], "message": error["msg"]}
            for error in exc.errors(include_url=False, include_context=False, include_input=False)
        ]
        raise _malformed(details) from None


def _malformed(details: list[dict[str, str]]) -> Trouble:
    fields = ", ".join(dict.fromkeys(detail["field"] for detail in details if detail["field"]))
    return bad_request(f"el cuerpo no tiene la forma acordada ({fields or 'no es JSON'})", details)


class AttemptBody(Asked):
    """The token of one try."""

    epoch: Natural
    counter: Natural


class Annex(Asked):
    """What belongs to a document but is not under its signature."""

    adenda: Text = ""
    correo: Text = ""


class Validation(Asked):
    """Body of ``POST /v1/validate``."""

    attempt: AttemptBody | None = None
    country: Word
    issuer: Word
    branch: Word
    terminal: Word = ""
    doc_type: Kind
    payload: Text
    annex: Annex = Annex()
    sha256: Sha256


class Submission(Validation):
    """Body of ``PUT /v1/documents/{key}``."""

    attempt: AttemptBody


class Confirmation(Asked):
    """Body of ``POST /v1/documents/{key}/confirm``."""

    number: Positive
    sha256: Sha256


class Contingency(Asked):
    """Since when, and why, the installation signs by itself."""

    started_at: Moment
    reason: Sentence


class HandOver(Asked):
    """
    Body of ``PUT /v1/documents/{key}/signed``.

    `lease` is null for what the cloud itself signed, and for a paper of contingency, which brings its own number: an
    observed one is handed over again, corrected, with a later attempt.
    """

    attempt: AttemptBody
    lease: Word | None
    series: Series
    number: Positive
    signed_xml: Base64
    annex: Annex = Annex()
    signed_at: Moment
    sha256: Sha256
    contingency: Contingency | None = None


class Voiding(Asked):
    """Body of ``POST /v1/documents/{key}/void``."""

    attempt: AttemptBody
    reason: Sentence


class LeaseWish(Asked):
    """Body of ``POST /v1/leases``."""

    doc_type: Kind
    branch: Word
    size: Annotated[int, Field(ge=1, le=100_000)]


class HeldRange(Asked):
    """Body of ``POST /v1/leases/held``."""

    cae: Word
    first: Positive = Field(alias="from")
    last: Positive = Field(alias="to")


class LeaseEnd(Asked):
    """Body of ``POST /v1/leases/{id}/close``."""

    used: Annotated[list[Positive], Field(max_length=100_000)]
    voided: Annotated[list[Positive], Field(max_length=100_000)] = []


class EpochWish(Asked):
    """Body of ``POST /v1/installations/self/epoch``."""

    machine: Annotated[str, Field(min_length=8, max_length=100), AfterValidator(_without_nul)]
    known: Natural = Field(alias="from")


class RunWish(Asked):
    """Body of ``POST /v1/installations/self/run``."""

    run: Annotated[str, Field(pattern="^[A-Za-z0-9_-]{16,64}$")]
    known: Annotated[str, Field(pattern="^([A-Za-z0-9_-]{16,64})?$")]
    turn: Positive
    name: Word


class HighestNumber(Asked):
    """The highest number of a type and series that an installation knows of."""

    doc_type: Kind
    series: Series
    number: Positive


class Recovery(Asked):
    """Body of ``POST /v1/installations/self/recovered``."""

    numbers: Annotated[list[HighestNumber], Field(max_length=1_000)]


class Place(Asked):
    """An issuer at one of its branches, as its documents name it."""

    razon_social: Name
    nombre_comercial: Word = ""
    sucursal: Annotated[str, Field(pattern="^[0-9]{1,4}$")]
    domicilio: Name
    ciudad: Name
    departamento: Name
    web: Name
    resolucion: Name
    telefono: Word = ""
    correo: Word = ""
    giro: Word = ""
    regimen: Literal["general", "exonerado", "iva_minimo", "monotributo", "monotributo_mides"] = "general"
    free_shop: bool = False


class Rules(Asked):
    """What an issuer's settings decide about reading and totals; amounts as decimal strings."""

    precios: Literal["CON_IVA", "SIN_IVA"] = "CON_IVA"
    decimal: Literal["", "PUNTO", "COMA"] = ""
    tolerancia: Amount = "1.00"
    redondeo: Literal["linea", "diferencia"] = "linea"
    textos_largos: Literal["recortar", "error"] = "recortar"
    ui: dict[Annotated[str, Field(pattern="^20[0-9]{2}$")], Amount] = {}


class IssuerFacts(Asked):
    """Body of ``PUT /v1/admin/issuers/{rut}``."""

    emisor: Place
    ajustes: Rules | None = None
    """Instead of those that it has."""


class InstallationWish(Asked):
    """Body of ``POST /v1/admin/issuers/{rut}/installations``."""

    code: Annotated[str, Field(pattern="^[A-Za-z0-9_-]{1,8}$")]


class CertificateFile(Asked):
    """Body of ``POST /v1/admin/issuers/{rut}/certificates``: a PKCS#12 and its password, or a bare certificate."""

    content: Base64
    password: Text | None = None


class CaeFile(Asked):
    """Body of ``POST /v1/admin/issuers/{rut}/caes``: the file as DGI gives it."""

    content: Base64


class Annulment(Asked):
    """Body of ``POST /v1/admin/issuers/{rut}/numbers/annul``."""

    doc_type: Kind
    series: Series
    numbers: Annotated[list[Positive], Field(min_length=1, max_length=10_000)]
    reason: Reason


class Cause(Asked):
    """Body of an act that asks for a reason."""

    reason: Reason


class Rejection(Asked):
    """Body of ``POST /v1/received/.../reject``."""

    code: Annotated[str, Field(pattern="^E[0-9]{2}$")]
    detail: Sentence = ""


class Told(BaseModel):
    """A part of an answer, for the OpenAPI."""

    model_config = ConfigDict(extra="forbid")


class Detail(Told):
    """What is wrong with one field."""

    field: str
    rule: str
    message: str


class ErrorFacts(Told):
    """What went wrong: a stable code, a Spanish sentence."""

    code: str
    message: str
    details: list[Detail]


class CaeFacts(Told):
    """The authorised range that a document's number is from."""

    id: str
    first: int = Field(alias="from")
    last: int = Field(alias="to")
    expires: str


class AttemptTold(Told):
    """The token of one try."""

    epoch: int
    counter: int


class AnnexTold(Told):
    """What belongs to a document but is not under its signature."""

    adenda: str
    correo: str


class Document(Told):
    """A document as the cloud has it."""

    key: str
    kind: Literal["documento"]
    attempt: AttemptTold
    state: str
    doc_type: int
    series: str
    number: int
    cae: CaeFacts
    signed_xml: str
    sha256: str
    content_sha256: str
    signed_at: str
    epoch: int
    signed_by: Literal["cloud", "installation"]
    extra: bool
    annex: AnnexTold
    authority: str | None
    receiver: str | None


class Failure(Told):
    """The body of every error."""

    error: ErrorFacts
    document: Document | None = None
    """The document that exists, of a 409."""
    epoch: int | None = None
    """Of an ``epoch_conflict``."""


class Documents(Told):
    """A page of documents, or those of one number."""

    documents: list[Document]
    cursor: str | None = None
    more: bool | None = None


class ContingencyTold(Told):
    """Whether signing at the installations is allowed."""

    allowed: bool
    reason: str


class Standing(Told):
    """What the cloud knows of the caller."""

    epoch: int
    recovered: bool
    clones: int


class Health(Told):
    """How the cloud is."""

    status: Literal["ok", "recovering"]
    detail: str
    time: str
    environment: str
    server_epoch: str
    contingency: ContingencyTold
    min_client: str
    installation: Standing | None
    recovering_since: str | None


class Voided(Told):
    """What was prepared is no more."""

    state: Literal["voided"]


class Judgement(Told):
    """The outcome of a dry run."""

    valid: bool
    details: list[Detail]


class LeasedCae(CaeFacts):
    """The authorised range that a lease is from."""

    special: str
    reason: str


class Lease(Told):
    """A slice of an authorised range."""

    lease: str
    cae: LeasedCae
    doc_type: int
    series: str
    first: int = Field(alias="from")
    last: int = Field(alias="to")
    held: bool
    closed: bool


class Leases(Told):
    """The leases of an installation, and the types that it may lease."""

    leases: list[Lease]
    types: list[int]


class Certificates(Told):
    """The issuer's certificates, DER in Base64."""

    certificates: list[str]


class Epoch(Told):
    """The installation's epoch."""

    epoch: int


class Run(Told):
    """Which run of the installation goes on: the machine's name, and since when."""

    name: str
    since: str | None


class Empty(Told):
    """Done."""


class ReceivedAnnex(Told):
    """What is not under the signature."""

    adenda: str


class ReceivedDocument(Told):
    """A document that another issuer made out to the caller's."""

    issuer: str
    name: str
    doc_type: int
    doc_name: str
    series: str
    number: int
    date: str
    signed_at: str
    currency: str
    rate: str | None
    total: str
    amounts: list[list[str]]
    cae: str
    security_code: str
    remarks: list[str]
    """What whoever pays should look at."""
    state: Literal["RECIBIDO", "ACEPTADO", "RECHAZADO", "ANULADO_DGI"]
    reason: str
    detail: str
    received_at: str
    until: str
    """Until when it may be rejected."""
    annex: ReceivedAnnex
    signed_xml: str
    sha256: str


class ReceivedPage(Told):
    """A page of them, in the order in which they changed."""

    documents: list[ReceivedDocument]
    cursor: str
    more: bool


class Stretch(Told):
    """Neighbouring numbers with one fate."""

    first: int = Field(alias="from")
    last: int = Field(alias="to")
    fate: Literal["document", "annulled", "leased", "doubtful", "free"]


class Totals(Told):
    """How many numbers have each fate."""

    document: int
    annulled: int
    leased: int
    doubtful: int
    free: int


class CaeNumbers(Told):
    """The fate of every number of a CAE."""

    cae: str
    doc_type: int
    series: str
    first: int = Field(alias="from")
    last: int = Field(alias="to")
    expires: str
    totals: Totals
    fates: list[Stretch]


class Numbers(Told):
    """The table of numbers of an issuer."""

    numbers: list[CaeNumbers]


class Taxpayer(Told):
    """A taxpayer, as the authority has it registered."""

    country: str
    rut: str
    name: str
    trade_name: str
    kind: str
    status: str
    since: str | None
    address: str
    city: str
    department: str
    phones: list[str]
    emails: list[str]
    activities: list[str]
    source: Literal["DGI", "CACHE"]
    asked_at: str
    offline: bool


class PlaceTold(Told):
    """An issuer at one of its branches."""

    rut: str
    razon_social: str
    nombre_comercial: str
    sucursal: str
    domicilio: str
    ciudad: str
    departamento: str
    web: str
    resolucion: str
    telefono: str
    correo: str
    giro: str
    regimen: str
    free_shop: bool


class RulesTold(Told):
    """What an issuer's settings decide."""

    precios: str
    decimal: str
    tolerancia: str
    redondeo: str
    textos_largos: str
    ui: dict[str, str]


class IssuerTold(Told):
    """An issuer with its branches."""

    rut: str
    branches: list[PlaceTold]
    ajustes: RulesTold
    recovering: bool


class IssuersTold(Told):
    """All issuers."""

    issuers: list[IssuerTold]


class InstallationTold(Told):
    """One installation."""

    rut: str
    code: str
    epoch: int
    recovered: bool
    dead: bool
    tokens: int
    seen: str | None


class InstallationsTold(Told):
    """The installations of an issuer."""

    installations: list[InstallationTold]


class TokenTold(Told):
    """A token; it is told this once."""

    token: str


class NewInstallation(InstallationTold, TokenTold):
    """A new installation and its token."""


class Revoked(Told):
    """How many tokens were revoked."""

    revoked: int


class CertificateTold(Told):
    """A certificate of an issuer."""

    rut: str
    fingerprint: str
    titular: str
    not_before: str
    not_after: str
    has_key: bool
    installed: str
    revoked: str | None
    since: str | None


class CertificatesTold(Told):
    """The certificates of an issuer."""

    certificates: list[CertificateTold]


class AnnulledTold(Told):
    """How many numbers were annulled."""

    annulled: int


class AlarmTold(Told):
    """Something that a person must look at."""

    id: int
    rut: str
    code: str
    at: str
    sentence: str


class AlarmsTold(Told):
    """What an administrator must look at."""

    alarms: list[AlarmTold]


class ActTold(Told):
    """One entry of the audit."""

    who: str
    act: str
    rut: str
    at: str
    detail: str


class AuditTold(Told):
    """Who did what."""

    acts: list[ActTold]


def schemas(*models: type[BaseModel]) -> dict[str, Any]:
    """The JSON schemas of these models by name, as an OpenAPI's components."""
    from pydantic.json_schema import models_json_schema

    _, found = models_json_schema(
        [(model, "validation") for model in models], ref_template="#/components/schemas/{model}"
    )
    return dict(found["$defs"])
