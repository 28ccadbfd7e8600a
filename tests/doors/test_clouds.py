"""One suite for the door of clouds, over the one in memory and over HTTP; then the troubles of what answers."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta, timezone
from hashlib import sha256

import pytest
from cloud_stub import TOKEN, serving

from sincronizador.core.contribuyente import Consulta, Contribuyente, Fuente
from sincronizador.core.emitido import Anexo
from sincronizador.core.numbering import Folio, Rango
from sincronizador.core.receipt import (
    Attempt,
    Changes,
    CloudState,
    HandOver,
    Highest,
    Lease,
    Receipt,
    Reply,
    Said,
    Standing,
    Submission,
    cloud_key,
)
from sincronizador.errors import NeedsOperator, Unanswered, Unavailable
from sincronizador.providers.door import Capabilities, Cloud, Leases, Raised
from sincronizador.providers.fake import FakeCloud, Fault
from sincronizador.providers.fake_books import Pen
from sincronizador.providers.open_api import OpenApi
from sincronizador.web import Http

NOON = datetime(2026, 11, 21, 12, 0, tzinfo=timezone(timedelta(hours=-3)))
ANEXO = Anexo(adenda="Gracias por su compra ñ €", correo="ana@example.com")


def cae(tipo: int, desde: int, hasta: int, identity: str = "90260000001") -> Rango:
    return Rango(id=identity, tipo=tipo, serie="A", desde=desde, hasta=hasta, vence=date(2028, 11, 21))


def sign(draft: bytes, folio: Folio, at: datetime) -> bytes:
    return f"{folio.rango.tipo} {folio.numero} ".encode() + draft


def read(signed: bytes) -> tuple[int, bytes]:
    tipo, _, draft = signed.split(b" ", 2)
    return int(tipo), draft


PEN = Pen(sign=sign, read=read)


@dataclass
class Opened:
    """A cloud behind its door, what is behind it, and this installation's standing."""

    cloud: Cloud
    behind: FakeCloud
    standing: Standing

    def submit(self, key: str, counter: int = 1, draft: str = "<CFE>pan ñ</CFE>", tipo: int = 101) -> Reply:
        return self.cloud.submit(key, self.cloud.compose(submission(counter, draft, tipo)), self.standing)

    def hand_over(self, key: str, numero: int, lease: str, counter: int = 2) -> Reply:
        return self.cloud.hand_over(key, signed_here(numero, lease, counter), self.standing)

    def void(self, key: str, counter: int) -> Reply:
        return self.cloud.void(key, Attempt(1, counter), "se descartó", self.standing)

    def take(self, size: int, name: str = "k1", tipo: int = 101) -> Lease:
        given = self.cloud.take(tipo, "1", size, name, self.standing)
        assert isinstance(given, Lease)
        return given

    def fate(self, numero: int, tipo: int = 101) -> str:
        return self.behind.books.fates.get((tipo, "A", numero), "free")


def submission(counter: int, draft: str, tipo: int = 101) -> Submission:
    return Submission(
        attempt=Attempt(1, counter),
        country="uy",
        issuer="219999830019",
        branch="1",
        terminal="CAJA1",
        tipo=tipo,
        draft=draft.encode(),
        anexo=ANEXO,
    )


def signed_here(numero: int, lease: str, counter: int = 2, draft: bytes = b"<CFE>leche</CFE>") -> HandOver:
    return HandOver(
        attempt=Attempt(1, counter),
        lease=lease,
        serie="A",
        numero=numero,
        signed=sign(draft, Folio(rango=cae(101, 1, 30), numero=numero), NOON),
        anexo=ANEXO,
        signed_at=NOON,
        contingency_since=NOON if lease else None,
        contingency_reason="se cortó" if lease else "",
    )


@pytest.fixture(params=["fake", "http"])
def opened(request: pytest.FixtureRequest) -> Iterator[Opened]:
    """A cloud with CAEs 101-A-1..30 and 111-A-1..2, of which this installation has epoch 1."""
    behind = FakeCloud(PEN, (cae(101, 1, 30), cae(111, 1, 2, "90260000002")), lambda: NOON)
    if request.param == "fake":
        yield registered(behind, behind)
        return
    with serving(behind) as stub:
        http = Http(stub.url)
        yield registered(OpenApi(http, TOKEN), behind)
        http.close()


def registered(cloud: Cloud, behind: FakeCloud) -> Opened:
    nobody = Standing(epoch=0, server_epoch="")
    known = replace(nobody, server_epoch=cloud.health(nobody).server_epoch)
    raised = cloud.raise_epoch("máquina 1", 0, known)
    assert raised == Raised(epoch=1, granted=True)
    return Opened(cloud, behind, replace(known, epoch=1))


def receipt(reply: object) -> Receipt:
    assert isinstance(reply, Reply)
    assert reply.receipt is not None
    return reply.receipt


def test_what_is_handed_over_comes_back_numbered_signed_and_prepared(opened):
    reply = opened.submit("V1")
    assert reply.said is Said.STORED
    signed = "101 1 <CFE>pan ñ</CFE>".encode()
    assert receipt(reply) == Receipt(
        key="V1",
        attempt=Attempt(1, 1),
        state=CloudState.PREPARED,
        tipo=101,
        serie="A",
        numero=1,
        signed=signed,
        sha256=sha256(signed).hexdigest(),
        content_sha256=sha256("<CFE>pan ñ</CFE>".encode()).hexdigest(),
        signed_at=NOON,
        epoch=1,
        signed_here=False,
        anexo=ANEXO,
    )
    assert opened.fate(1) == "prepared"


def test_the_same_request_again_gives_the_same_document(opened):
    assert opened.submit("V1") == opened.submit("V1")
    assert opened.submit("V2").receipt.numero == 2


@pytest.mark.parametrize("key", ["V1", "a.b-c_d", cloud_key("VENTA Nº 1/2"), cloud_key("../x?y=#%41")])
def test_every_key_arrives_as_it_left(opened, key):
    assert opened.submit(key).receipt.key == key
    assert opened.cloud.find(key, opened.standing).receipt.numero == 1


def test_other_content_over_a_prepared_document_takes_a_higher_attempt(opened):
    opened.submit("V1")
    refused = opened.submit("V1", draft="<CFE>otra</CFE>")
    assert (refused.said, refused.code, refused.receipt.numero) == (Said.CONFLICT, "other_content", 1)
    taken = opened.submit("V1", counter=2, draft="<CFE>otra</CFE>")
    assert (taken.said, taken.receipt.numero, opened.fate(1)) == (Said.STORED, 2, "annulled")


def test_other_content_over_a_confirmed_document_is_a_conflict_whatever_its_attempt(opened):
    made = opened.submit("V1").receipt
    opened.cloud.confirm("V1", made.numero, made.sha256, opened.standing)
    reply = opened.submit("V1", counter=9, draft="<CFE>otra</CFE>")
    assert (reply.said, reply.receipt.state) == (Said.CONFLICT, CloudState.CONFIRMED)


def test_a_lower_attempt_is_overtaken_for_ever(opened):
    opened.submit("V1", counter=2)
    for reply in (opened.submit("V1", counter=1), opened.void("V1", 1), opened.hand_over("V1", 9, "x", counter=1)):
        assert reply.said is Said.OVERTAKEN


def test_a_void_of_an_unknown_key_keeps_the_attempt(opened):
    assert opened.void("V1", 2) == Reply(said=Said.STORED)
    assert opened.submit("V1", counter=1).said is Said.OVERTAKEN


def test_a_prepared_document_is_voided_and_a_confirmed_one_is_given_back(opened):
    opened.submit("V1")
    assert (opened.void("V1", 2).said, opened.fate(1)) == (Said.STORED, "annulled")
    made = opened.submit("V2").receipt
    opened.cloud.confirm("V2", made.numero, made.sha256, opened.standing)
    reply = opened.void("V2", 2)
    assert (reply.said, reply.code, receipt(reply).numero) == (Said.CONFLICT, "already_confirmed", 2)


def test_a_key_that_nobody_handed_over_is_unknown(opened):
    assert opened.cloud.find("V1", opened.standing).said is Said.UNKNOWN
    assert opened.cloud.confirm("V1", 1, "00", opened.standing).said is Said.UNKNOWN


def test_only_what_was_adopted_is_confirmed_and_twice_is_once(opened):
    made = opened.submit("V1").receipt
    assert opened.cloud.confirm("V1", made.numero, "00", opened.standing).said is Said.CONFLICT
    assert opened.cloud.confirm("V1", 7, made.sha256, opened.standing).said is Said.CONFLICT
    assert opened.fate(1) == "prepared"
    for _ in range(2):
        reply = opened.cloud.confirm("V1", made.numero, made.sha256, opened.standing)
        assert (reply.said, reply.receipt.state) == (Said.STORED, CloudState.CONFIRMED)
    assert opened.fate(1) == "document"


def test_an_invalid_document_is_final_for_its_attempt_only(opened):
    opened.behind.refuses["V1"] = "Falta el receptor."
    reply = opened.submit("V1")
    assert (reply.said, reply.message) == (Said.INVALID, "Falta el receptor.")
    assert [remark.message for remark in reply.remarks] == ["Falta el receptor."]
    opened.behind.refuses.clear()
    assert opened.submit("V1").said is Said.INVALID
    assert opened.submit("V1", counter=2).said is Said.STORED


def test_a_cloud_without_numbers_says_later(opened):
    for key in ("V1", "V2"):
        opened.submit(key, tipo=111)
    with pytest.raises(Unavailable) as raised:
        opened.submit("V3", tipo=111)
    assert raised.value.code == "E3016"


def test_a_document_signed_here_from_a_lease_is_stored_once(opened):
    lease = opened.take(5)
    for _ in range(2):
        got = receipt(opened.hand_over("V1", lease.desde, lease.id))
        assert (got.numero, got.signed_here, got.state) == (lease.desde, True, CloudState.CONFIRMED)
    assert opened.fate(lease.desde) == "document"


def test_a_number_that_is_no_lease_of_ours_is_invalid_and_one_with_a_document_a_conflict(opened):
    lease = opened.take(3)
    other = opened.submit("V9").receipt
    opened.behind.books.fates[101, "A", 20] = "leased"
    assert opened.hand_over("V1", 20, lease.id).said is Said.INVALID
    assert opened.hand_over("V1", other.numero, lease.id).said is Said.INVALID
    opened.hand_over("V1", lease.desde, lease.id)
    assert opened.hand_over("V2", lease.desde, lease.id).said is Said.CONFLICT


def test_a_document_signed_here_supersedes_a_prepared_one(opened):
    lease = opened.take(5)
    prepared = opened.submit("V1").receipt
    assert opened.hand_over("V1", lease.desde, lease.id).said is Said.STORED
    assert opened.fate(prepared.numero) == "annulled"


def test_other_bytes_under_a_number_that_has_a_document_are_a_conflict(opened):
    made = opened.submit("V1").receipt
    assert made.signed != signed_here(made.numero, "").signed
    assert opened.hand_over("V1", made.numero, "").said is Said.CONFLICT
    assert opened.fate(made.numero) == "prepared"


def test_a_number_prepared_for_a_machine_that_is_gone_turns_doubtful(opened):
    made = opened.submit("V1").receipt
    opened.cloud.raise_epoch("máquina 2", 1, opened.standing)
    opened.standing = replace(opened.standing, epoch=2)
    assert opened.cloud.void("V1", Attempt(2, 0), "no se adopta", opened.standing).said is Said.STORED
    assert opened.fate(made.numero) == "doubtful"


def test_a_number_prepared_before_a_restore_turns_doubtful(opened):
    made = opened.submit("V1").receipt
    opened.behind.restore(opened.behind.backup())
    opened.standing = replace(opened.standing, server_epoch="2")
    assert opened.void("V1", 2).said is Said.STORED
    assert opened.fate(made.numero) == "doubtful"


def test_the_cloud_takes_back_what_it_signed_itself(opened):
    made = opened.submit("V1").receipt
    opened.behind.restore(FakeCloud(PEN, opened.behind.books.ranges, lambda: NOON).backup())
    opened.standing = replace(opened.standing, server_epoch="2")
    back = HandOver(
        attempt=made.attempt, lease="", serie="A", numero=1, signed=made.signed, anexo=ANEXO, signed_at=made.signed_at
    )
    reply = opened.cloud.hand_over("V1", back, opened.standing)
    assert (reply.said, receipt(reply).signed, receipt(reply).signed_here) == (Said.STORED, made.signed, False)


def test_of_two_copies_of_a_machine_one_goes_on(opened):
    begin, alone = opened.cloud.begin_run, opened.standing
    first, second, third = ("a" * 16, "b" * 16, "c" * 16)
    assert begin(first, "", 1, "caja", alone).granted
    assert begin(first, "", 1, "caja", alone).granted
    assert begin(second, first, 2, "caja", alone).granted
    assert not begin(third, first, 2, "caja", alone).granted
    assert opened.cloud.find("V1", replace(alone, run=second)).said is Said.UNKNOWN
    assert opened.cloud.find("V1", replace(alone, run=first)).said is Said.STALE
    assert opened.cloud.find("V1", alone).said is Said.UNKNOWN
    assert opened.cloud.health(alone).clones == 1


def test_the_epoch_is_raised_by_one_machine_only(opened):
    raise_epoch = opened.cloud.raise_epoch
    assert raise_epoch("máquina 1", 0, opened.standing) == Raised(epoch=1, granted=True)
    assert raise_epoch("máquina 2", 0, opened.standing) == Raised(epoch=1, granted=False)
    assert raise_epoch("máquina 2", 1, opened.standing) == Raised(epoch=2, granted=True)
    assert raise_epoch("máquina 1", 1, opened.standing) == Raised(epoch=2, granted=False)


def test_a_machine_that_was_overtaken_only_hands_over_what_it_signed(opened):
    lease, made = opened.take(5), opened.submit("V1").receipt
    opened.cloud.confirm("V1", made.numero, made.sha256, opened.standing)
    opened.cloud.raise_epoch("máquina 2", 1, opened.standing)
    cloud, old = opened.cloud, opened.standing
    replies = [
        opened.submit("V2"),
        opened.void("V1", 2),
        cloud.find("V1", old),
        cloud.confirm("V1", made.numero, made.sha256, old),
        cloud.changes("", 10, old),
        cloud.pull("", 10, old),
        cloud.leases(old),
        cloud.take(101, "1", 5, "k2", old),
        cloud.close(lease.id, (), (), old),
    ]
    assert {reply.said for reply in replies} == {Said.FENCED}
    late = receipt(opened.hand_over("V1", lease.desde, lease.id))
    assert (late.extra, late.numero) == (True, lease.desde)
    assert cloud.recovered((), old).said is Said.STORED
    assert opened.behind.books.documents["V1"].numero == made.numero


def test_a_machine_that_says_it_was_overtaken_is_believed(opened):
    opened.standing = replace(opened.standing, fenced=True)
    assert opened.submit("V1").said is Said.FENCED


def test_the_leases_of_a_machine_that_is_gone_are_doubtful(opened):
    lease = opened.take(2)
    opened.cloud.raise_epoch("máquina 2", 1, opened.standing)
    assert {opened.fate(lease.desde), opened.fate(lease.hasta)} == {"doubtful"}
    assert opened.cloud.leases(replace(opened.standing, epoch=2)).open == ()


def test_a_restored_cloud_changes_nothing_until_it_is_spoken_to_by_its_new_name(opened):
    kept, made = opened.behind.backup(), opened.submit("V1").receipt
    opened.behind.restore(kept)
    cloud, old = opened.cloud, opened.standing
    replies = [
        opened.submit("V1"),
        opened.void("V1", 2),
        opened.hand_over("V1", 1, ""),
        cloud.find("V1", old),
        cloud.confirm("V1", made.numero, made.sha256, old),
        cloud.changes("", 10, old),
        cloud.pull("", 10, old),
        cloud.leases(old),
        cloud.held("90260000001", 1, 2, old),
        cloud.recovered((), old),
        cloud.raise_epoch("máquina 2", 1, old),
    ]
    assert {reply.said for reply in replies} == {Said.RESTORED}
    assert opened.behind.books.documents == {}


def test_a_restored_cloud_numbers_only_when_it_was_told_and_beyond_what_it_may_have_given(opened):
    opened.behind.books.ranges = (cae(101, 1, 3_000),)
    kept = opened.behind.backup()
    opened.submit("V1")
    opened.behind.restore(kept)
    health = opened.cloud.health(opened.standing)
    assert (health.ok, health.server_epoch, health.recovering_since) == (False, "2", NOON)
    opened.standing = replace(opened.standing, server_epoch=health.server_epoch)
    with pytest.raises(Unavailable):
        opened.submit("V2")
    opened.cloud.recovered((Highest(tipo=101, serie="A", numero=7),), opened.standing)
    assert opened.cloud.health(opened.standing).ok
    assert (opened.submit("V2").receipt.numero, opened.fate(7)) == (508, "doubtful")


def test_a_lease_is_given_once_for_its_key_and_never_crosses_its_range(opened):
    lease = opened.take(5)
    assert (lease.desde, lease.hasta, lease.cae, lease.cae_hasta, lease.vence) == (
        1,
        5,
        "90260000001",
        30,
        date(2028, 11, 21),
    )
    assert opened.take(5) == lease
    short = opened.take(100, "k2")
    assert (short.desde, short.hasta) == (6, 30)
    assert opened.cloud.leases(opened.standing) == Leases(open=(lease, short), types=(111,))
    assert opened.cloud.take(101, "1", 5, "k3", opened.standing).said is Said.INVALID


def test_a_closed_lease_annuls_what_was_not_used(opened):
    lease = opened.take(4)
    opened.hand_over("V1", 1, lease.id)
    assert opened.cloud.close(lease.id, (1, 2), (3,), opened.standing).said is Said.STORED
    assert [opened.fate(n) for n in (1, 2, 3, 4)] == ["document", "leased", "annulled", "annulled"]
    assert opened.cloud.leases(opened.standing).open == ()
    assert opened.cloud.close("otra", (), (), opened.standing).said is Said.UNKNOWN


def test_a_range_that_the_installation_numbered_from_is_held_and_never_used(opened):
    held = opened.cloud.held("90260000001", 1, 10, opened.standing)
    assert isinstance(held, Lease)
    assert (held.held, opened.cloud.held("90260000001", 1, 10, opened.standing)) == (True, held)
    assert opened.submit("V1").receipt.numero == 11
    assert opened.cloud.held("1", 1, 10, opened.standing).said is Said.UNKNOWN
    assert opened.cloud.held("90260000001", 11, 12, opened.standing).said is Said.CONFLICT


def test_changes_come_in_the_order_of_commits_page_by_page(opened):
    for key in ("V1", "V2", "V3"):
        opened.submit(key)
    opened.behind.tell("V1", CloudState.ACCEPTED, "Aceptado por DGI")
    seen, cursor, more = [], "", True
    while more:
        page = opened.cloud.changes(cursor, 2, opened.standing)
        assert isinstance(page, Changes)
        seen += [(one.key, one.state, one.authority) for one in page.receipts]
        cursor, more = page.cursor, page.more
    prepared = [(key, CloudState.PREPARED, "") for key in ("V1", "V2", "V3")]
    assert seen == [*prepared, ("V1", CloudState.ACCEPTED, "Aceptado por DGI")]
    assert opened.cloud.changes(cursor, 2, opened.standing) == Changes(receipts=(), cursor=cursor, more=False)


def test_all_documents_of_an_installation_are_pulled_further_ones_too(opened):
    lease, made = opened.take(2), opened.submit("V1").receipt
    opened.cloud.confirm("V1", made.numero, made.sha256, opened.standing)
    opened.hand_over("V1", lease.desde, lease.id)
    page = opened.cloud.pull("", 10, opened.standing)
    assert [(one.key, one.numero, one.extra) for one in page.receipts] == [("V1", 3, False), ("V1", 1, True)]


def test_an_answer_lost_after_the_commit_is_found_by_the_same_request(opened):
    opened.behind.fail("submit", Fault.LOST)
    with pytest.raises(Unanswered):
        opened.submit("V1")
    assert opened.submit("V1").receipt.numero == 1


@pytest.mark.parametrize(("fault", "verdict"), [(Fault.UNAVAILABLE, Unavailable), (Fault.GARBAGE, Unanswered)])
def test_trouble_before_the_cloud_leaves_it_as_it_was(opened, fault, verdict):
    opened.behind.fail("submit", fault)
    with pytest.raises(verdict):
        opened.submit("V1")
    assert opened.behind.books.documents == {}


def test_a_mixed_up_answer_carries_the_bytes_of_another_sale(opened):
    other = opened.submit("V1", draft="<CFE>otra</CFE>").receipt
    opened.behind.fail("submit", Fault.MIXED_UP)
    got = opened.submit("V2").receipt
    assert (got.key, got.signed, got.content_sha256) == ("V2", other.signed, other.content_sha256)


def test_health_tells_the_epoch_of_the_caller_and_what_is_allowed(opened):
    health = opened.cloud.health(opened.standing)
    assert (health.ok, health.time, health.environment, health.epoch) == (True, NOON, "prueba", 1)
    assert (health.contingency_allowed, health.min_client, health.recovering_since) == (True, "0.1", None)


TOLD = Consulta(
    contribuyente=Contribuyente(
        rut="211428940011", razon_social="PEÑA S.A.", nombre_fantasia="La Peña", tipo_entidad="SA", situacion="ACTIVO",
        inicio=date(2001, 5, 2), direccion="AV 18 DE JULIO 1", ciudad="MONTEVIDEO", departamento="MONTEVIDEO",
        telefonos=("24001234",), correos=("a@example.com",), giros=("PAN", "MASAS"),
    ),
    fuente=Fuente.CACHE, consultado=NOON, sin_linea=True,
)  # fmt: skip


def test_a_taxpayer_is_told_or_refused_or_not_known(opened):
    assert opened.cloud.capabilities.lookup
    opened.behind.taxpayers = {"211428940011": TOLD, "219999830019": "Está cancelado."}
    assert opened.cloud.taxpayer("211428940011") == TOLD
    refused = opened.cloud.taxpayer("219999830019")
    assert (refused.said, refused.remarks[0].rule) == (Said.INVALID, "E1511")
    assert opened.cloud.taxpayer("219000090011").said is Said.UNKNOWN


def test_a_taxpayer_that_is_not_answered_is_told(opened):
    opened.behind.fail("taxpayer", Fault.LOST)
    with pytest.raises(Unanswered):
        opened.cloud.taxpayer("211428940011")


def not_fencing(*, idempotent: bool) -> Opened:
    able = Capabilities(fences=False, idempotent=idempotent, leases=False)
    behind = FakeCloud(PEN, (cae(101, 1, 30),), lambda: NOON, able)
    return Opened(behind, behind, Standing(epoch=0, server_epoch=""))


def test_a_cloud_that_does_not_fence_issues_at_once_and_compares_no_attempt():
    opened = not_fencing(idempotent=True)
    assert opened.submit("V1", counter=5).receipt.state is CloudState.CONFIRMED
    assert opened.submit("V1", counter=1).receipt.numero == 1
    assert opened.submit("V1", counter=9, draft="<CFE>otra</CFE>").said is Said.CONFLICT
    with pytest.raises(NotImplementedError):
        opened.void("V1", 9)


def test_a_cloud_that_is_not_idempotent_issues_twice_what_it_is_given_twice():
    opened = not_fencing(idempotent=False)
    assert [opened.submit("V1").receipt.numero for _ in range(2)] == [1, 2]
    assert len(opened.behind.books.extra) == 1


def test_over_http_the_bytes_that_leave_are_the_bytes_that_were_kept():
    behind = FakeCloud(PEN, (cae(101, 1, 30),), lambda: NOON)
    with serving(behind) as stub:
        http = Http(stub.url)
        opened = registered(OpenApi(http, TOKEN), behind)
        body = opened.cloud.compose(submission(1, "<CFE>pan ñ</CFE>"))
        opened.cloud.submit("V1", body, opened.standing)
        method, path, headers, sent = stub.requests[-1]
        http.close()
    assert (method, path, sent) == ("PUT", "/v1/documents/V1", body)
    assert headers["Sincronizador-Epoch"] == "1"
    assert headers["Sincronizador-Server-Epoch"] == "1"
    assert "Sincronizador-Fenced" not in headers


def test_a_token_that_is_not_accepted_needs_the_operator():
    behind = FakeCloud(PEN, (), lambda: NOON)
    with serving(behind) as stub:
        http = Http(stub.url)
        with pytest.raises(NeedsOperator, match="El token no vale") as raised:
            OpenApi(http, "otro").health(Standing(epoch=0, server_epoch=""))
        http.close()
    assert raised.value.code == "E3003"
