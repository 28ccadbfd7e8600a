"""Papers of contingency with a cloud: signed here always, handed over, observed by DGI, corrected."""

from dataclasses import replace

import pytest
from carrier import Fault
from walking import Crash
from world import RUT

from sincronizador.journal import jobs, post
from sincronizador.journal.post import Phase

PAPER = """[DOCUMENTO]
TIPO=201
REFERENCIA={referencia}
SERIE=P
NUMERO={numero}
CONSTANCIA=90260000777
CONSTANCIA_DESDE=1
CONSTANCIA_HASTA=50
CONSTANCIA_VENCE=01/05/2027
FECHA=20/11/2026
FORMA_PAGO=CONTADO
[ITEM]
DETALLE=Pan
PRECIO={precio}
IVA=MINIMA
[FIN]
"""


def paper(referencia="P-1", numero="7", precio="89"):
    return PAPER.format(referencia=referencia, numero=numero, precio=precio)


def observe(world, *reasons, numero=7):
    world.cloud.observe("dgi", RUT, 201, "P", numero, reasons or ("C03 Constancia no autorizada", "C05 Formato"))


def follow(till):
    """The next look at what changed in the cloud."""
    till.pass_time(seconds=40)
    till.probe()
    till.pass_time(seconds=1)


def at_the_cloud(world):
    """Slug, state and price of every paper there."""
    return [(slug, state, price) for _, slug, state, _, price in world.documents() if slug.startswith("201")]


@pytest.fixture
def till(world):
    made = world.till()
    yield made
    # Restored bases and lost leases leave numbers of the CAEs in doubt, which is no affair of papers.
    assert world.broken(doubtful=True) == []


def test_a_paper_is_signed_here_though_there_is_a_line_and_the_cloud_gets_it(world, till):
    before = world.fates()
    answer = till.send("P.TXT", paper())
    assert (answer["ESTADO"], answer["NUMERO"]) == ("ENVIADO", "7")
    assert at_the_cloud(world) == [("201-P-7", "confirmed", "89.00")]
    assert world.query("SELECT signed_here FROM document") == [(1,)]
    assert till.read_papers() == []
    assert world.fates() == before, "the numbers of the CAEs are as they were"


def test_without_a_line_it_is_signed_all_the_same_and_handed_over_later(world, till):
    till.line.cut()
    answer = till.send("P.TXT", paper())
    assert answer["ESTADO"] == "FIRMADO_LOCAL"
    world.settle()
    assert till.answer("P.TXT")["ESTADO"] == "ENVIADO"


def test_what_dgi_observed_is_told_with_its_reasons(world, till):
    till.send("P.TXT", paper())
    observe(world)
    follow(till)
    answer = till.answer("P.TXT")
    assert (answer[""], answer["ESTADO"], answer["FINAL"]) == ("OK", "OBSERVADO", "NO")
    assert answer["AVISO.1.CODIGO"] == "A2001"
    assert "C03 Constancia no autorizada; C05 Formato" in answer["AVISO.1.MENSAJE"]
    assert "corrija" in answer["MENSAJE"].lower()
    again = till.send("P2.TXT", paper())
    assert (again["ESTADO"], again["AVISO.2.CODIGO"]) == ("OBSERVADO", "A2001"), "a file that repeats it tells it too"


def test_who_took_the_answer_away_gets_it_as_news(world, till):
    till.send("P.TXT", paper())
    (till.folder / "spool" / "salida" / "P.RSP").unlink()
    observe(world)
    follow(till)
    news = [path.read_text() for path in (till.folder / "spool" / "novedades").glob("*.RSP")]
    assert len(news) == 1
    assert "ESTADO=OBSERVADO" in news[0]
    assert "C03" in news[0]


def test_a_corrected_file_is_signed_anew_under_the_same_number_and_handed_over(world, till):
    till.send("P.TXT", paper())
    observe(world)
    follow(till)
    answer = till.send("Q.TXT", paper(precio="98"))
    assert (answer["ESTADO"], answer["NUMERO"], answer["A_PAGAR"]) == ("ENVIADO", "7", "98.00")
    assert at_the_cloud(world) == [("201-P-7", "confirmed", "98.00")]
    before = till.answer("P.TXT")
    assert before["ESTADO"] == "OBSERVADO"
    assert "Q.TXT" in before["MENSAJE"]
    with till.house.journal.reading() as db:
        assert [job.name for job in jobs.family(db, jobs.wanted(db, "P-1"))] == ["P.TXT", "Q.TXT"]
    assert till.send("C.TXT", "[CONSULTA]\nREFERENCIA=P-1\n[FIN]\n")["A_PAGAR"] == "98.00"
    assert till.send("R.TXT", paper())["CODIGO"] == "E0104", "the first content is other content now"
    follow(till)
    assert till.answer("Q.TXT")["ESTADO"] == "ENVIADO", "what DGI said of the first says nothing of the second"


def test_the_corrected_file_may_have_the_same_name(world, till):
    till.send("P.TXT", paper())
    observe(world)
    follow(till)
    assert till.send("P.TXT", paper(precio="98"))["ESTADO"] == "ENVIADO"
    assert till.answer("P.TXT")["A_PAGAR"] == "98.00"


def test_a_correction_may_be_observed_and_corrected_again(world, till):
    till.send("P.TXT", paper())
    for precio in ("98", "99"):
        observe(world, f"C05 no es {precio}")
        follow(till)
        assert till.send(f"P{precio}.TXT", paper(precio=precio))["ESTADO"] == "ENVIADO"
    assert at_the_cloud(world) == [("201-P-7", "confirmed", "99.00")]
    assert world.query("SELECT count(*) FROM corrected") == [(2,)]


def test_a_fall_at_any_boundary_of_a_correction_leaves_one_transcription_that_counts(world, till):
    till.send("P.TXT", paper())
    boundary, finished = 0, False
    while not finished:
        boundary += 1
        observe(world, f"C05 vez {boundary}")
        follow(till)
        price = 100 + boundary
        till.drop(f"Q{boundary}.TXT", paper(precio=price))
        till.fate.count, till.fate.fall_at = 0, boundary
        try:
            till.work()
        except Crash:
            till.switch_on()
        else:
            finished = True
        till.fate.fall_at = None
        till.probe()
        till.pass_time(seconds=2)
        assert till.answer(f"Q{boundary}.TXT")["ESTADO"] == "ENVIADO", boundary
        assert at_the_cloud(world) == [("201-P-7", "confirmed", f"{price}.00")], boundary
        with till.house.journal.reading() as db:
            counting = db.execute("SELECT count(*) FROM document WHERE superseded_by IS NULL").fetchone()[0]
        assert counting == 1, boundary
    assert boundary > 10


def test_a_correction_has_the_number_of_what_it_corrects(world, till):
    till.send("P.TXT", paper())
    observe(world)
    follow(till)
    answer = till.send("Q.TXT", paper(numero="8"))
    assert (answer["ESTADO"], answer["CODIGO"]) == ("RECHAZADO", "E2007")
    assert till.send("S.TXT", paper("P-2"))["CODIGO"] == "E2006"
    assert till.send("Q.TXT", paper(precio="98"), folder="validar")["ESTADO"] == "VALIDO"
    assert till.send("Q.TXT", paper(numero="8"), folder="validar")["CODIGO"] == "E2007"


def test_a_correction_without_a_line_is_not_observed_for_what_was_said_of_the_first(world, till):
    till.send("P.TXT", paper())
    observe(world)
    follow(till)
    till.line.fail("hand_over", *[Fault.UNAVAILABLE] * 50)
    assert till.send("Q.TXT", paper(precio="98"))["ESTADO"] == "FIRMADO_LOCAL"
    with till.house.journal.transaction() as db:
        post.keep(db, replace(post.read(db), cursor=""))
    follow(till)
    assert till.answer("Q.TXT")["ESTADO"] == "FIRMADO_LOCAL"
    world.settle()
    assert till.answer("Q.TXT")["ESTADO"] == "ENVIADO"


def test_a_journal_restored_from_before_a_paper_knows_it_again_and_corrects_it(world, till):
    copy = till.backup()
    till.send("P.TXT", paper())
    observe(world)
    till.restore(copy)
    world.settle()
    assert till.phase is Phase.READY
    answer = till.send("P2.TXT", paper())
    assert (answer["ESTADO"], answer["NUMERO"], answer["AVISO.1.CODIGO"]) == ("OBSERVADO", "7", "A0001")
    assert till.send("P3.TXT", paper(precio="98"))["ESTADO"] == "ENVIADO"
    assert at_the_cloud(world) == [("201-P-7", "confirmed", "98.00")]


def test_a_journal_restored_from_before_a_correction_learns_it(world, till):
    till.send("P.TXT", paper())
    observe(world)
    follow(till)
    copy = till.backup()
    till.send("Q.TXT", paper(precio="98"))
    till.restore(copy)
    world.settle()
    assert till.send("R.TXT", paper(precio="98"))["AVISO.1.CODIGO"] == "A0001"
    assert till.send("S.TXT", paper())["CODIGO"] == "E0104"
    observe(world)
    follow(till)
    assert till.send("T.TXT", paper(precio="99"))["ESTADO"] == "ENVIADO"


def test_a_take_over_keeps_a_correction_that_the_cloud_does_not_have_yet(world, till):
    till.send("P.TXT", paper())
    observe(world)
    follow(till)
    till.line.fail("hand_over", *[Fault.UNAVAILABLE] * 50)
    till.send("Q.TXT", paper(precio="98"))
    till.raise_epoch(ordered=True)
    till.probe()
    assert till.phase is Phase.READY, "it has read what the cloud has: the first one"
    assert till.answer("Q.TXT")["ESTADO"] == "FIRMADO_LOCAL"
    world.settle()
    assert till.answer("Q.TXT")["ESTADO"] == "ENVIADO"
    assert at_the_cloud(world) == [("201-P-7", "confirmed", "98.00")]


def test_what_a_replaced_machine_transcribed_is_taken_from_it(world, till):
    copy = till.backup()
    till.line.cut()
    till.send("P.TXT", paper())
    new = world.replace(till, copy, "m2")
    world.settle()
    assert at_the_cloud(world) == [("201-P-7", "confirmed", "89.00")]
    assert new.phase is Phase.READY
    assert new.send("P2.TXT", paper())["ESTADO"] == "ENVIADO", "transcribed twice, it is one paper"
    assert len(at_the_cloud(world)) == 1


def test_a_cloud_restored_from_before_a_paper_gets_it_again(world, till):
    copy = world.backup()
    till.send("P.TXT", paper())
    world.restore(copy)
    world.settle()
    assert at_the_cloud(world) == [("201-P-7", "confirmed", "89.00")]


def test_a_cloud_restored_from_before_the_observation_gets_the_correction(world, till):
    till.send("P.TXT", paper())
    copy = world.backup()
    observe(world)
    follow(till)
    till.send("Q.TXT", paper(precio="98"))
    world.restore(copy)
    world.settle()
    assert at_the_cloud(world) == [("201-P-7", "confirmed", "98.00")]
    assert till.answer("Q.TXT")["ESTADO"] == "ENVIADO"


def test_before_the_first_contact_a_paper_waits_for_what_the_cloud_may_know_of_it(world):
    late = world.till("OTRA", joined=False)
    late.line.cut()
    answer = late.send("P.TXT", paper())
    assert (answer["ESTADO"], answer["MOTIVO"]) == ("ESPERANDO", "NUBE_SIN_RESPUESTA")
    world.settle()
    assert late.answer("P.TXT")["ESTADO"] == "ENVIADO"
