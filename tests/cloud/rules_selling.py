"""What the daemon must do with a sale: rules 1 to 9 of the contract, but for its standing."""

from dataclasses import replace
from datetime import date, timedelta

from carrier import FOREVER, Fault
from memory_cloud import Clocked, make_cloud
from rules import claim, instead, rule
from walking import Crash

from sincronizador.core.contingency import Link
from sincronizador.core.job import Step
from sincronizador.core.receipt import Reply, Said
from sincronizador.core.route import ROUTES
from sincronizador.countries.uy.uruguay import Uruguay
from sincronizador.daemon.mirror import FolderMirror
from sincronizador.engine import (
    documents as deciding,
)
from sincronizador.engine import (
    handing,
    issuing,
    leasing,
    publishing,
    submitting,
    switching,
    talking,
    voiding,
)
from sincronizador.engine.asking import ask
from sincronizador.engine.case import prepare
from sincronizador.engine.line import Line
from sincronizador.errors import NeedsOperator, SincronizadorError, Unanswered
from sincronizador.journal import documents, intents, jobs, leases, tasks
from sincronizador.providers import open_api
from sincronizador.providers.door import Capabilities
from sincronizador.providers.open_api import OpenApi
from sincronizador.web import Response

FACTURA = """[DOCUMENTO]
TIPO=111
REFERENCIA={referencia}
FORMA_PAGO=CONTADO
[RECEPTOR]
TIPO_DOC=RUT
DOCUMENTO=21.100342.0017
NOMBRE=PEÑA Y CÍA. S.R.L.
DIRECCION=Av. Italia 2500
CIUDAD=Montevideo
[ITEM]
DETALLE=Servicio
PRECIO={precio}
IVA=BASICA
[FIN]
"""
NOTE = """[DOCUMENTO]
TIPO=102
REFERENCIA={referencia}
FORMA_PAGO=CONTADO
[ITEM]
DETALLE=Pan
PRECIO={precio}
IVA=MINIMA
[REFERENCIA]
TIPO=101
SERIE=A
NUMERO=1
RAZON=Se devolvió
[FIN]
"""


# --- the key, the intent, what comes back ---


def _plain_keys(patch):
    for room in (submitting, handing):
        patch.setattr(room, "cloud_key", lambda key: key)


@rule("the normalised REFERENCIA if it is plain, else ~ and its digest", without=_plain_keys)
def a_strange_reference_has_a_key_that_travels(world):
    till = world.till()
    till.sell("Ñandú 1/2")
    world.settle()
    return world.broken()


def _bytes_made_anew(patch):
    real = talking._send

    def anew(house, cloud, call):
        if call.task.step is not Step.SUBMIT:
            return real(house, cloud, call)
        with house.journal.reading() as db:
            job, content = jobs.get(db, call.intent.job), jobs.content(db, call.intent.job)
            intent = replace(call.intent, draft=prepare(house, job, content).draft)
        with house.journal.transaction() as db:
            submitting.send_again(house, db, job, intent)
            body = intents.of_job(db, job.id).body
        return cloud.submit(intent.key, body, call.standing)

    patch.setattr(talking, "_send", anew)


@rule("1: the intent is on disk with the exact bytes; repeats send those", without=_bytes_made_anew)
def a_repeat_sends_the_bytes_of_the_first_time(world):
    till = world.till()
    till.line.fail("submit", Fault.LOST)
    name = till.drop_sale()
    till.work()
    till.configure(emisor={"nombre_comercial": "OTRO NOMBRE"})
    till.pass_time(seconds=2)
    sent = till.line.bodies("submit", "V1")
    world.settle()
    return [
        *claim(len(sent) > 1 and len(set(sent)) == 1, "other bytes were sent"),
        *claim(till.said(name) == "ENVIADO", f"the sale is {till.said(name)}"),
        *world.broken(),
    ]


def _adopts_anything(patch):
    patch.setattr(
        submitting, "check", lambda house, db, intent, receipt: house.country.emitted(receipt.signed, intent.anexo)
    )


@rule("2: signature, issuer, type and content are verified; a mismatch parks", without=_adopts_anything)
def what_is_another_sale_is_not_adopted(world):
    till, other = world.till(), world.till("CAJA2", "m9")
    other.sell("V0", "12")
    till.line.fail("submit", Fault.MIXED_UP)
    name = till.sell()
    said = till.said(name)
    till.order("reintentar", que="V1")
    world.settle()
    return [*claim(said == "ESPERANDO", f"the sale was {said}"), *world.broken()]


# --- verdicts ---


class Says:
    """Whoever is asked answers this."""

    def __init__(self, status, body, **headers):
        self._response = Response(status=status, body=body, headers={"content-type": "application/json", **headers})

    def request(self, *_):
        return self._response


def _verdict(world, *answer, **headers):
    door = OpenApi(Says(*answer, **headers), "token")
    try:
        return door.submit("V1", b"{}", world.speaker().standing)
    except SincronizadorError as error:
        return error


def _later_is_500(patch):
    patch.setattr(open_api, "_LATER", (429, 500, 503))


@rule("3: unanswered is the default verdict: 500, 502, 504, 408", without=_later_is_500)
def a_500_may_have_done_it(world):
    error = b'{"error": {"code": "internal", "message": "Algo salio mal.", "details": []}}'
    ours = {"sincronizador-server-epoch": world.cloud.server_epoch()}
    return claim(isinstance(_verdict(world, 500, error, **ours), Unanswered), "a 500 is taken for nothing done")


def _done_whoever_says_so(patch):
    real = OpenApi.confirm

    def confirm(self, key, numero, sha256, standing):
        try:
            return real(self, key, numero, sha256, standing)
        except Unanswered:
            return Reply(said=Said.STORED)

    patch.setattr(OpenApi, "confirm", confirm)


@rule("3: a captive portal's page is no answer", without=_done_whoever_says_so)
def a_page_of_somebody_else_confirms_nothing(world):
    till = world.till()
    till.line.fail("confirm", Fault.GARBAGE)
    till.sell()
    world.settle()
    return world.broken()


def _unheard(patch):
    patch.setitem(open_api._SAID, (410, "attempt_overtaken"), None)


@rule("4: 410 stops what was overtaken", without=_unheard)
def an_overtaken_attempt_goes_no_further(world):
    till = world.till()
    world.speaker().void("V1", 9)
    till.sell()
    till.pass_time(seconds=6)
    return [
        *claim(not till.read_papers(), "what was overtaken came out on paper"),
        *claim(till.said("V1") == "ESPERANDO", f"it is {till.said('V1')}"),
    ]


def _conflict_refuses(patch):
    real = submitting.answered

    def answered(house, db, intent, reply, now):
        said = Said.INVALID if reply.said is Said.CONFLICT else reply.said
        real(house, db, intent, replace(reply, said=said), now)

    patch.setattr(submitting, "answered", answered)


@rule("4: 409 parks for a person", without=_conflict_refuses)
def a_conflict_waits_for_a_person(world):
    till = world.till()
    world.speaker().sell("V1", price="12")
    name = till.sell("V1", "89")
    return claim(till.said(name) == "ESPERANDO", f"a reference that has a document was answered {till.said(name)}")


def _refusals_are_repeated(patch):
    patch.setitem(open_api._SAID, (422, ""), None)


@rule("4: 422 is final for the attempt", without=_refusals_are_repeated)
def a_refusal_is_answered_at_once(world):
    till = world.till()
    till.configure(emisor={"sucursal": "7"})
    name = till.sell()
    return claim(till.said(name) == "RECHAZADO", f"what the cloud refused is {till.said(name)}")


def _discards_at_once(patch):
    def end(house, db, job, estado, detail, now):
        voiding._finish(db, job, estado, detail, now)
        return True

    patch.setattr(voiding, "end", end)


@rule("4: a discard or withdrawal is answered only after the void's 200", without=_discards_at_once)
def a_withdrawal_waits_for_the_word_of_the_cloud(world):
    till = world.till()
    till.line.fail("submit", *[Fault.LOST] * FOREVER)
    till.drop_sale()
    till.work()
    till.line.fail("void", Fault.GONE, Fault.LOST)
    asked = till.withdraw()
    said = till.said(asked)
    world.settle()
    return [
        *claim(said == "ESPERANDO", f"answered {said} before the cloud knew"),
        *claim(till.said(asked) == "RETIRADO", f"the withdrawal ends as {till.said(asked)}"),
        *world.broken(),
    ]


@rule("4: 409 of a void: the daemon adopts what exists", without=_discards_at_once)
def a_withdrawal_that_comes_too_late_is_answered_with_the_document(world):
    till = world.till()
    till.line.fail("submit", *[Fault.LOST] * FOREVER)
    name = till.drop_sale()
    till.work()
    speaker = world.speaker()
    speaker.confirm(speaker.door.find("V1", speaker.standing).receipt)
    till.withdraw()
    world.settle()
    return [*claim(till.said(name) == "ENVIADO", f"the sale is {till.said(name)}"), *world.broken()]


# --- adopting, confirming, printing ---


def _paper_before_adopting(patch):
    real = submitting._adopt_or_park

    def early(house, db, job, intent, receipt, now):
        slug = f"{receipt.tipo}-{receipt.serie}-{receipt.numero}"
        house.printers["CAJA1"].send(b"ORIGINAL", name=slug)
        real(house, db, job, intent, receipt, now)

    patch.setattr(submitting, "_adopt_or_park", early)


@rule("5: adopt in one commit, and only then print", without=_paper_before_adopting)
def what_is_not_adopted_is_not_on_paper(world):
    till = world.till()

    def fall_before_the_commit(verb):
        if verb == "submit":
            till.printer.fate = type(till.fate)()
            till.fate.count, till.fate.fall_at = 0, 2

    till.line.choose = fall_before_the_commit
    till.drop_sale()
    try:
        till.work()
    except Crash:
        till.switch_on()
    else:
        return ["nobody fell"]
    till.line.choose = lambda verb: None
    till.line.cut()
    till.pass_time(seconds=5)
    world.settle()
    return world.broken()


def _unknown_is_done(patch):
    real = submitting.confirmed

    def confirmed(house, db, job, reply, now):
        real(house, db, job, replace(reply, said=Said.STORED), now)

    patch.setattr(submitting, "confirmed", confirmed)


@rule("confirm: on 404 or 409 the daemon hands the bytes over as signed", without=_unknown_is_done)
def what_a_restored_cloud_does_not_know_is_handed_over(world):
    till = world.till()
    copy = world.backup()
    till.line.fail("confirm", *[Fault.GONE] * FOREVER)
    till.sell()
    world.restore(copy)
    world.settle()
    return world.broken(doubtful=True)


def _paper_at_once(patch):
    patch.setattr(issuing, "_let_it_reach_the_authority", lambda *_: None)


@rule("5: what must reach DGI first prints after its confirm, or after espera_envio", without=_paper_at_once)
def an_e_factura_waits_for_its_acknowledgement_but_not_for_long(world):
    till = world.till()
    till.line.fail("confirm", *[Fault.GONE] * FOREVER)
    till.drop_sale("F1", "100", FACTURA)
    till.work()
    till.pass_time(seconds=1)
    early = list(till.printer.pages)
    till.pass_time(seconds=3)
    late = list(till.printer.pages)
    world.settle()
    return [
        *claim(not early, "its paper came out before it was sent"),
        *claim(late, "its paper never came out"),
        *world.broken(),
    ]


def _everything_waits(patch):
    patch.setattr(Uruguay, "sent_first", lambda *_: True)


@rule("5: small e-Tickets print at once", without=_everything_waits)
def a_small_e_ticket_prints_at_once(world):
    till = world.till()
    till.line.fail("confirm", *[Fault.GONE] * FOREVER)
    till.drop_sale()
    till.work()
    return claim(till.printer.pages, "a small e-Ticket waits for the cloud")


# --- signing here ---


def _overtakes_nothing(patch):
    real = deciding.sign_off

    def signs(house, db, job, *rest, **more):
        with patch.context() as now:
            now.setattr(jobs, "raise_attempt", lambda db, job, *_: jobs.get(db, job).attempt)
            real(house, db, job, *rest, **more)

    patch.setattr(switching, "sign_off", signs)


@rule("8: the attempt is raised before a local signature", without=_overtakes_nothing)
def a_request_that_arrives_after_the_local_signature_does_nothing(world):
    till = world.till()
    till.line.fail("submit", Fault.DELAYED, *[Fault.GONE] * FOREVER)
    till.sell()
    till.pass_time(seconds=5)
    till.line.heal()
    till.probe()
    till.pass_time(seconds=5)
    world.carrier.arrive()
    world.settle()
    return [
        *claim(("submit", "V1", 410) in world.carrier.late, f"it was not refused: {world.carrier.late}"),
        *world.broken(),
    ]


def _discards_with_the_same_attempt(patch):
    real = voiding.end

    def end(house, db, job, *rest):
        with patch.context() as now:
            now.setattr(jobs, "raise_attempt", lambda db, job, *_: jobs.get(db, job).attempt)
            return real(house, db, job, *rest)

    patch.setattr(voiding, "end", end)


@rule("the counter is raised before a discard acts", without=_discards_with_the_same_attempt)
def a_request_that_arrives_after_its_discard_does_nothing(world):
    till = world.till()
    till.line.fail("submit", Fault.DELAYED)
    till.drop_sale()
    till.work()
    till.withdraw()
    world.settle()
    return [*claim(till.said("V1") == "RETIRADO", f"it is {till.said('V1')}"), *world.broken()]


class _NeverFinished:
    """The tasks of the switch: its SUBMIT stays due."""

    def __getattr__(self, name):
        return getattr(tasks, name)

    def finish_step(self, *_):
        pass


def _both_ways(patch):
    patch.setattr(switching, "tasks", _NeverFinished())


@rule("6: a document signed here is never sent by the unsigned path", without=_both_ways)
def what_is_signed_here_is_only_handed_over(world):
    till = world.till()
    till.line.cut()
    till.sell()
    till.pass_time(seconds=5)
    world.settle()
    return [*claim(not till.line.bodies("submit", "V1"), "it was sent unsigned"), *world.broken()]


def _patience_of_nobody(patch):
    patch.setattr(switching, "intents", instead(intents, waiting=lambda *asked: intents.waiting(*asked[:3])))


@rule("8: signing here begins when nube.paciencia has passed since the claim", without=_patience_of_nobody)
def a_sale_waits_for_the_cloud_as_long_as_its_patience(world):
    till = world.till()
    till.line.fail("submit", Fault.GONE)
    till.sell()
    world.settle()
    here = world.query("SELECT count(*) FROM document WHERE signed_here")[0][0]
    return [*claim(not here, "it was signed here at once"), *world.broken()]


def _never_here(patch):
    patch.setattr(switching, "intents", instead(intents, waiting=lambda *_: []))


@rule("8: and then it does not wait for the cloud", without=_never_here)
def after_its_patience_a_sale_is_signed_here(world):
    till = world.till()
    till.line.fail("submit", *[Fault.GONE] * FOREVER)
    name = till.sell()
    till.pass_time(seconds=4)
    return claim(till.said(name) == "FIRMADO_CONTINGENCIA", f"after its patience the sale is {till.said(name)}")


def _mode_unread(patch):
    patch.setattr(Line, "link", property(lambda _: Link()))


@rule("8: or when the mode is contingency", without=_mode_unread)
def in_contingency_a_sale_is_signed_here_at_once(world):
    till = world.till()
    till.order("contingencia", que="forzar", motivo="mudanza")
    name = till.sell()
    unsigned = till.line.bodies("submit", "V1")
    world.settle()
    return [
        *claim(not unsigned, "it was sent unsigned"),
        *claim(till.said(name) == "ENVIADO", f"it is {till.said(name)}"),
        *world.broken(),
    ]


# --- handing over ---


class _NeverParked:
    def __getattr__(self, name):
        return getattr(tasks, name)

    def park(self, *_):
        pass


def _parked_ones_first(patch):
    patch.setattr(handing, "tasks", _NeverParked())


@rule("7: hand-over goes on, skipping parked ones", without=_parked_ones_first)
def a_hand_over_that_is_refused_holds_up_nobody(world):
    till = world.till()
    till.line.cut()
    for referencia in ("V1", "V2"):
        till.sell(referencia)
    till.pass_time(seconds=5)
    world.speaker().void("V1", 99)
    world.settle()
    there = {slug for _, slug, _, _, _ in world.documents()}
    return claim("101-A-2" in there, "the second never reached the cloud")


class _NewestFirst:
    def __getattr__(self, name):
        return getattr(tasks, name)

    def due(self, db, lane, now, limit):
        return tasks.due(db, lane, now, 99)[::-1]


def _newest_first(patch):
    patch.setattr(handing, "tasks", _NewestFirst())


@rule("7: oldest first", without=_newest_first)
def the_oldest_is_handed_over_first(world):
    till = world.till()
    till.line.cut()
    for referencia in ("V1", "V2", "V3"):
        till.sell(referencia)
    till.pass_time(seconds=5)
    world.settle()
    order = [slug for _, slug, _, _, _ in world.documents()]
    return [*claim(order == sorted(order), f"handed over as {order}"), *world.broken()]


def _notes_do_not_wait(patch):
    patch.setattr(handing, "_unsent_reference", lambda *_: "")


@rule("7: a note waits for the document it references", without=_notes_do_not_wait)
def a_note_is_never_there_before_what_it_references(world):
    till = world.till()
    till.line.cut()
    till.sell("V1")
    till.pass_time(seconds=5)
    till.sell("N1", text=NOTE)
    till.pass_time(seconds=5)
    world.speaker().void("V1", 99)
    world.settle()
    there = [slug for _, slug, _, _, _ in world.documents()]
    return claim(not there, f"{there} is there without what it references")


# --- leases ---


def _never_topped_up(patch):
    patch.setattr(leasing, "_top_up", lambda *_: True)


@rule("7: leases are topped up while online", without=_never_topped_up)
def there_are_numbers_for_the_next_cut(world):
    till = world.till()
    till.rules = {"reserva": 2}
    till.switch_on()
    for n in range(0, 30, 10):
        till.line.cut()
        for each in range(10):
            till.sell(f"V{n + each}")
        till.pass_time(seconds=5)
        world.settle()
    signed = world.query("SELECT count(*) FROM document WHERE signed_here")[0][0]
    return [*claim(signed > 20, f"only {signed} could be signed here"), *world.broken()]


_BEFORE = date(2026, 11, 1)


def _expired_numbers(patch):
    take, usable = documents.take_number, leases.usable
    patch.setattr(documents, "take_number", lambda db, tipo, _, **how: take(db, tipo, _BEFORE, **how))
    patch.setattr(leases, "usable", lambda db, _: usable(db, _BEFORE))


@rule("7: closed when they expire", without=_expired_numbers)
def an_expired_number_is_never_given(world):
    world.import_cae("B", 1, 40, date(2026, 11, 30))
    till = world.till()
    till.line.cut()
    world.clock.time += timedelta(days=12)
    till.sell()
    till.pass_time(seconds=9)
    world.settle()
    return world.broken()


def _never_over(patch):
    patch.setattr(leasing, "_is_over", lambda *_: False)


@rule("7: closed when they expire, and accounted for", without=_never_over)
def an_expired_lease_is_closed_and_its_numbers_annulled(world):
    world.import_cae("B", 1, 40, date(2026, 11, 30))
    till = world.till()
    till.line.cut()
    till.sell()
    till.pass_time(seconds=5)
    world.settle()
    world.clock.time += timedelta(days=12)
    world.settle()
    fates = {world.fate(f"101-B-{numero}") for numero in range(2, 21)}
    return [*claim(fates == {"annulled"}, f"what was not used is {sorted(fates)}"), *world.broken()]


def _told_first(patch):
    def close(house, cloud):
        with house.journal.reading() as db:
            over = [stock for stock in documents.stocks(db) if stock.lease and not stock.closing]
            over = [stock for stock in over if leasing._is_over(stock, house.clock.now().date())]
            standing = submitting.post.read(db).standing
        for stock in over:
            unused = tuple(range(stock.siguiente, stock.ultimo + 1))
            reply = ask(house, "close", lambda: cloud.close(stock.lease, (), unused, standing))  # noqa: B023
            if isinstance(reply, SincronizadorError):
                return False
            with house.journal.transaction() as db:
                leases.close(db, stock)
                leases.closed(db, stock)
        return True

    patch.setattr(leasing, "_close_over", close)


@rule("lease closed is committed here before it is sent", without=_told_first)
def a_number_of_a_lease_that_the_cloud_closed_is_never_given(world):
    world.import_cae("B", 1, 40, date(2026, 11, 30))
    till = world.till()
    till.line.fail("close", *[Fault.LOST] * FOREVER)
    world.clock.time += timedelta(days=12)
    till.probe()
    world.clock.time -= timedelta(days=12)
    world.cloud.confirm_clock("prueba")
    till.line.cut()
    till.sell()
    till.pass_time(seconds=9)
    world.settle()
    return world.broken()


# --- the mirror ---


class _FullDisk:
    def write(self, *_):
        raise NeedsOperator("E9201", "el disco está lleno")


def _paper_before_the_copy(patch):
    steps = {**ROUTES["contingencia"], Step.SIGN: (Step.PRINT, Step.REPRESENT, Step.HAND_OVER, Step.MIRROR)}
    patch.setitem(ROUTES, "contingencia", steps)


def _answer_before_the_copy(patch):
    patch.setattr(publishing, "_waits_for_copy", lambda *_: False)


def _sell_without_a_copy(world):
    till = world.till()
    till.mirror = _FullDisk()
    till.switch_on()
    till.line.cut()
    name = till.sell()
    till.pass_time(seconds=5)
    found = till.answers()[name], till.read_papers()
    till.mirror = FolderMirror(str(till.folder))
    till.switch_on()
    world.settle()
    return *found, world.broken()


@rule("7: a contingency document's paper waits for its mirror copy", without=_paper_before_the_copy)
def without_its_copy_no_paper_leaves(world):
    _, papers, broken = _sell_without_a_copy(world)
    return [*claim(not papers, "its paper came out without a copy"), *broken]


@rule("7: a contingency document's OK waits for its mirror copy", without=_answer_before_the_copy)
def without_its_copy_no_ok_is_said(world):
    said, _, broken = _sell_without_a_copy(world)
    heard = said["ESTADO"], said.get("MOTIVO"), said["EMITIDO"], said["CODIGO"]
    return [*claim(heard == ("ESPERANDO", "ESPEJO", "NO", "E3022"), f"answered {heard}"), *broken]


# --- a provider that does not fence ---


def _fake(world, **what):
    """A machine whose provider compares no attempts, and its provider."""
    now = Clocked()
    provider = make_cloud(world.folder / "m", now, Capabilities(fences=False, leases=True, **what))
    till = world.till(joined=False, cloud=provider)
    now.machine = till
    till.probe()
    return till, provider


def _documents_of(provider):
    found = {**{number: one.key for number, one in provider.books.extra.items()}}
    found.update({(one.tipo, one.serie, one.numero): key for key, one in provider.books.documents.items()})
    return found


def _play_without_fences(world, provider_fault, **what):
    from sincronizador.providers.fake import Fault as Trouble

    till, provider = _fake(world, **what)
    provider.fail("submit", getattr(Trouble, provider_fault))
    provider.fail("find", *[Trouble.UNAVAILABLE] * 60)
    name = till.sell()
    till.pass_time(seconds=9)
    waiting = till.said(name)
    provider._faults.clear()
    for _ in range(4):
        till.probe()
        till.pass_time(seconds=61)
    return till, provider, name, waiting


def _switches_all_the_same(patch):
    patch.setattr(switching, "_may_switch", lambda house, db, job, usable: True)
    real = switching._switch

    def switch(house, job):
        with house.journal.transaction() as db:
            db.execute("UPDATE intent SET sends = 0 WHERE job = ?", (job,))
        return real(house, job)

    patch.setattr(switching, "_switch", switch)


@rule("9: after a submit that may have left, never switch", without=_switches_all_the_same)
def what_may_have_left_to_a_provider_without_fences_is_not_signed_here(world):
    till, provider, name, waiting = _play_without_fences(world, "LOST", idempotent=True)
    return [
        *claim(waiting == "ESPERANDO", f"it was {waiting}"),
        *claim(till.said(name) == "ENVIADO", f"it ends as {till.said(name)}"),
        *claim(len(_documents_of(provider)) == 1, "two documents"),
    ]


def _unanswered_did_not_leave(patch):
    patch.setattr(talking, "Unavailable", SincronizadorError)


@rule("3 and 9: only what certainly did not leave is unavailable", without=_unanswered_did_not_leave)
def an_unanswered_submit_counts_as_sent(world):
    till, provider, name, waiting = _play_without_fences(world, "LOST", idempotent=True)
    return [
        *claim(waiting == "ESPERANDO", f"it was {waiting}"),
        *claim(till.said(name) == "ENVIADO", f"it ends as {till.said(name)}"),
        *claim(len(_documents_of(provider)) == 1, "two documents"),
    ]


def _sends_again_whatever_it_is(patch):
    patch.setattr(talking, "_found_again", lambda *_: None)


@rule("9: «unknown» permits sending again only if that is idempotent", without=_sends_again_whatever_it_is)
def a_submit_that_does_not_count_once_is_not_repeated(world):
    till, provider, name, _ = _play_without_fences(world, "LOST", idempotent=False)
    return [
        *claim(till.said(name) == "ENVIADO", f"it ends as {till.said(name)}"),
        *claim(len(_documents_of(provider)) == 1, "two documents"),
    ]


def _takes_it_for_the_line(patch):
    real = talking._found_again

    def found(house, cloud, call):
        reply = real(house, cloud, call)
        if isinstance(reply, SincronizadorError):
            house.line.failed(house.clock.now(), str(reply))
        return reply

    patch.setattr(talking, "_found_again", found)


@rule("9: what may not be sent again holds up nobody else", without=_takes_it_for_the_line)
def a_sale_that_waits_for_ever_is_no_line_that_failed(world):
    from sincronizador.providers.fake import Fault as Trouble

    till, provider = _fake(world, idempotent=False)
    provider.fail("submit", Trouble.GARBAGE)
    waiting = till.sell()
    till.pass_time(seconds=9)
    till.probe()
    till.pass_time(seconds=61)
    failures = till.house.line.link.failures
    other = till.sell("V2")
    for _ in range(4):
        till.probe()
        till.pass_time(seconds=61)
    return [
        *claim(till.said(waiting) == "ESPERANDO", f"it was {till.said(waiting)}"),
        *claim(failures == 0, f"{failures} failures of the line"),
        *claim(till.said(other) == "ENVIADO", f"the other ends as {till.said(other)}"),
        *claim(len(_documents_of(provider)) == 1, "not one document"),
    ]


# --- joined files ---


def _nobody_joins(patch):
    patch.setattr(deciding, "_repeats", lambda *_: False)


@rule("one sale, one REFERENCIA: the same file again joins it", without=_nobody_joins)
def the_same_sale_dropped_again_while_it_waits_joins_it(world):
    till = world.till()
    till.line.fail("submit", Fault.GONE)
    names = [till.drop_sale(), till.drop_sale()]
    till.work()
    world.settle()
    numbers = {till.answers().get(name, {}).get("NUMERO") for name in names}
    return [*claim(len(numbers) == 1 and None not in numbers, f"answered with {numbers}"), *world.broken()]
