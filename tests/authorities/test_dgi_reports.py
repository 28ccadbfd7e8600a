"""Daily reports: what DGI says at once, and what becomes of them once it has looked at the day's documents."""

from datetime import timedelta

import pytest
from issuer_by_hand import NOON, RUT, VALIDITY, Issuer, resumen

from sincronizador.authorities.fake_codes import REPORTE
from sincronizador.signing.identity import issue

DAY = (NOON - timedelta(days=1)).date()
THEN = NOON - timedelta(days=1)


def balanced(issuer):
    """Two e-Facturas of yesterday, received; the block that tells of them."""
    assert issuer.judged(*(issuer.cfe(111, number, firmado=THEN) for number in (1, 2))).estado == ["AE", "AE"]
    return resumen(111, "2000.00", used=[(1, 2)])


def why(issuer):
    """What the last report disagrees about."""
    return issuer.line.state()["reportes"][-1]["diferencias"]


def test_a_report_that_balances_is_received_and_processed(issuer, answer_schemas):
    got = issuer.send_report(balanced(issuer))
    assert (got.estado, got.motivos) == (["AR"], [])
    assert issuer.report_state(DAY) == ["DR"]
    assert why(issuer) == []
    assert not answer_schemas or answer_schemas["ACKRepDiario"].validate(got.ack)


def test_an_empty_day_is_a_report_too(issuer):
    assert issuer.send_report().estado == ["AR"]
    assert issuer.report_state(DAY) == ["DR"]


BAD = {
    "R01": lambda i: "nada",
    "R01 root": lambda i: '<Otro xmlns="http://cfe.dgi.gub.uy"/>',
    "R02": lambda i: i.report(RUCEmisor="215555550010"),
    "R03 changed": lambda i: i.report(resumen(181, None, used=[(1, 1)], annulled=[(1, 1)])).replace(">181<", ">124<"),
    "R03 unsigned": lambda i: i.report(sign=False),
    "R04 total of the face": lambda i: i.report(resumen(181, None, used=[(1, 1)], annulled=[(1, 1)]), total=9),
    "R04 ranges": lambda i: i.report(resumen(111, "1.00", used=[(1, 2)], CantDocsUtil=3, CantDocsEmi=3)),
    "R04 emitted": lambda i: i.report(resumen(111, "1.00", used=[(1, 2)], CantDocsEmi=1)),
    "R04 annulled elsewhere": lambda i: i.report(resumen(111, "1.00", used=[(1, 2)], annulled=[(3, 3)])),
    "R04 overlap": lambda i: i.report(resumen(111, "1.00", used=[(1, 2), (2, 3)])),
    "R04 tax": lambda i: i.report(resumen(101, "1000.00", used=[(1, 2)], iva="22.00")),
    "R04 total": lambda i: i.report(resumen(101, "1000.00", used=[(1, 2)], total="1000.00")),
    "R04 large": lambda i: i.report(resumen(101, "1000.00", used=[(1, 2)], large=3)),
    "R04 twice the same type": lambda i: i.report(resumen(111, "1.00", used=[(1, 1)]) * 2),
    "R04 twice the same group": lambda i: i.report(resumen(101, "", used=[(1, 1)], groups=[(DAY, 1, "1.00")] * 2)),
    "R04 backwards": lambda i: i.report(resumen(101, "1.00", used=[(2, 1)])),
    "R04 amounts of nothing": lambda i: i.report(resumen(101, "1.00", used=[(1, 1)], annulled=[(1, 1)])),
    "R04 signed in the future": lambda i: i.report(TmstFirmaEnv=(NOON + timedelta(days=2)).isoformat()),
    "R03 certificate of another time": lambda i: i.report(TmstFirmaEnv=(NOON - timedelta(days=400)).isoformat()),
    "R04 no amounts": lambda i: i.report(resumen(101, None, used=[(1, 2)])),
    "R05": lambda i: i.report(secuencia=2),
    "R06": lambda i: i.report(dia=NOON.date()),
}


@pytest.mark.parametrize("case", BAD)
def test_a_report_earns_its_code(case, issuer, answer_schemas):
    got = issuer.receive("EFACRECEPCIONREPORTE", BAD[case](issuer))
    assert got.estado == ["BR"]
    assert case[:3] in got.motivos, got.data
    assert not answer_schemas or answer_schemas["ACKRepDiario"].validate(got.ack)


def test_the_same_report_again_is_a_duplicate_and_another_one_needs_the_next_sequence(issuer):
    first = issuer.report(balanced(issuer))
    assert issuer.receive("EFACRECEPCIONREPORTE", first).estado == ["AR"]
    assert issuer.receive("EFACRECEPCIONREPORTE", first).code == 109
    assert issuer.send_report(resumen(111, "2000.00", used=[(1, 2)]), IDEmisor=7).estado == ["BR"]
    assert issuer.send_report(resumen(111, "2000.00", used=[(1, 2)]), secuencia=2).estado == ["AR"]


def test_a_document_that_arrives_late_asks_for_another_report(issuer):
    """The day after, a document of that day arrives: only a new report balances."""
    block = balanced(issuer)
    assert issuer.send_report(block).estado == ["AR"]
    assert issuer.judged(issuer.cfe(111, 3, firmado=THEN, neto="10.00")).estado == ["AE"]
    assert issuer.send_report(block, secuencia=2).estado == ["AR"]
    assert issuer.report_state(DAY) == ["ER", "ER"]
    assert "se recibieron 3" in str(why(issuer))
    assert issuer.send_report(resumen(111, "2010.00", used=[(1, 3)]), secuencia=3).estado == ["AR"]
    assert issuer.report_state(DAY) == ["ER", "ER", "DR"]


def test_a_remito_has_no_amounts_but_its_day_and_branch(issuer):
    assert issuer.judged(issuer.cfe(181, 1, firmado=THEN)).estado == ["AE"]
    assert issuer.send_report(resumen(181, "0", used=[(1, 1)])).estado == ["AR"]
    assert issuer.report_state(DAY) == ["DR"], why(issuer)


def test_an_amount_that_the_report_leaves_out_is_missed(issuer):
    assert issuer.judged(issuer.cfe(111, 1, firmado=THEN, retencion="60.00")).estado == ["AE"]
    assert issuer.send_report(resumen(111, "1000.00", used=[(1, 1)])).estado == ["AR"]
    assert issuer.report_state(DAY) == ["ER"]
    assert why(issuer) == [f"tipo 111: falta TotMntRetenido, que de los comprobantes resulta 60.00 ({DAY}, sucursal 1)"]


UNBALANCED = {
    "a cent too much": lambda: resumen(111, "2000.01", used=[(1, 2)], iva="440.00"),
    "another branch": lambda: resumen(111, None, used=[(1, 2)], groups=[(DAY, 2, "2000.00")]),
    "another day of emission": lambda: resumen(111, "2000.00", used=[(1, 2)], fecha=DAY - timedelta(days=1)),
    "one that never arrived": lambda: resumen(111, "2000.00", used=[(1, 3)]),
    "one left out": lambda: resumen(111, "2000.00", used=[(1, 1)]),
    "one told as annulled": lambda: resumen(111, "2000.00", used=[(1, 2)], annulled=[(2, 2)]),
    "nothing told": lambda: "",
}


@pytest.mark.parametrize("case", UNBALANCED)
def test_a_report_that_does_not_balance_is_found_out(case, issuer):
    balanced(issuer)
    assert issuer.send_report(UNBALANCED[case]()).estado == ["AR"]
    assert issuer.report_state(DAY) == ["ER"]
    assert why(issuer)


def test_an_annulled_number_is_used_and_annulled(issuer):
    balanced(issuer)
    assert issuer.send_report(resumen(111, "2000.00", used=[(1, 3)], annulled=[(3, 3)])).estado == ["AR"]
    assert issuer.report_state(DAY) == ["DR"]


def test_a_rejected_document_may_be_told_as_annulled(issuer):
    balanced(issuer)
    bad = issuer.cfe(111, 3, firmado=THEN, item="1.00")
    assert issuer.judged(bad).estado == ["BE"]
    assert issuer.send_report(resumen(111, "2000.00", used=[(1, 3)], annulled=[(3, 3)])).estado == ["AR"]
    assert issuer.report_state(DAY) == ["DR"], why(issuer)


def test_of_e_tickets_the_report_holds_at_least_what_was_sent(issuer):
    large = issuer.cfe(101, 7, firmado=THEN, neto="50000.00")
    assert issuer.judged(large).estado == ["AE"]
    assert issuer.send_report(resumen(101, "50900.00", used=[(1, 10)], large=1)).estado == ["AR"]
    assert issuer.report_state(DAY) == ["DR"], why(issuer)
    assert issuer.send_report(resumen(101, "900.00", used=[(1, 10)], large=1), secuencia=2).estado == ["AR"]
    assert issuer.report_state(DAY) == ["DR", "ER"]
    issuer.line.told("ajustes", {"tope": 32000})
    assert issuer.send_report(resumen(101, "50900.00", used=[(1, 10)], large=0), secuencia=3).estado == ["AR"]
    assert issuer.report_state(DAY)[-1] == "ER"
    assert "CantDocsMay_topeUI" in why(issuer)[0]


def test_more_large_e_tickets_than_arrived_are_missed(issuer):
    assert issuer.judged(issuer.cfe(101, 7, firmado=THEN, neto="50000.00")).estado == ["AE"]
    assert issuer.send_report(resumen(101, "50900.00", used=[(1, 10)], large=2)).estado == ["AR"]
    assert issuer.report_state(DAY) == ["ER"]
    assert why(issuer) == ["tipo 101: CantDocsMay_topeUI dice 2 y se recibieron 1"]


def test_a_large_e_ticket_outside_the_ranges_is_missed(issuer):
    assert issuer.judged(issuer.cfe(101, 77, firmado=THEN, neto="50000.00")).estado == ["AE"]
    assert issuer.send_report(resumen(101, "50900.00", used=[(1, 10)], large=1)).estado == ["AR"]
    assert issuer.report_state(DAY) == ["ER"]
    assert why(issuer) == ["tipo 101: A 77 se recibió y no está entre los utilizados"]


def test_a_large_e_ticket_that_was_accepted_is_not_annulled(issuer):
    assert issuer.judged(issuer.cfe(101, 7, firmado=THEN, neto="50000.00")).estado == ["AE"]
    block = resumen(101, "50900.00", used=[(1, 10)], annulled=[(7, 7)], large=1)
    assert issuer.send_report(block).estado == ["AR"]
    assert issuer.report_state(DAY) == ["ER"]
    assert why(issuer) == ["tipo 101: A 7 se recibió, estado AE, y el reporte lo da por anulado"]


def test_more_papers_than_the_report_tells_of_are_found_out(issuer):
    said = {"id": "90260000201", "rut": RUT, "tipo": 201, "serie": "A", "desde": 1, "hasta": 9, "vence": "2028-11-01"}
    issuer.line.told("constancias", said)
    booklet = {"cae_id": "90260000201", "desde": 1, "hasta": 9, "vence": "2028-11-01", "firmado": THEN}
    assert issuer.judged(*(issuer.cfe(201, number, **booklet) for number in (1, 2))).estado == ["AE", "AE"]
    assert issuer.send_report(resumen(201, "2000.00", papers=1)).estado == ["AR"]
    assert issuer.report_state(DAY) == ["ER"]
    assert why(issuer) == ["tipo 201: se recibieron 2 y el reporte dice 1 emitidos"]


def test_a_number_is_told_on_one_day_only(issuer):
    before = DAY - timedelta(days=1)
    assert issuer.send_report(resumen(101, "5.00", used=[(1, 3)], fecha=before), dia=before).estado == ["AR"]
    assert issuer.send_report(resumen(101, "5.00", used=[(3, 4)])).estado == ["AR"]
    assert issuer.report_state(DAY) == ["ER"]
    assert "se informó también" in why(issuer)[0]


def test_a_paper_is_told_where_it_was_accepted_and_not_where_it_was_observed(issuer):
    said = {"id": "90260000211", "rut": RUT, "tipo": 211, "serie": "A", "desde": 1, "hasta": 9, "vence": "2028-11-01"}
    issuer.line.told("constancias", said)
    booklet = {"cae_id": "90260000211", "desde": 1, "hasta": 9, "vence": "2028-11-01", "firmado": THEN}
    got = issuer.judged(issuer.cfe(211, 1, **booklet), issuer.cfe(211, 2, item="1.00", **booklet))
    assert got.estado == ["AE", "CE"]
    assert issuer.send_report(resumen(211, "1000.00", papers=1)).estado == ["AR"]
    assert issuer.report_state(DAY) == ["DR"], why(issuer)


def test_a_foreign_currency_counts_at_the_close_before_and_a_note_at_its_own_rate(issuer):
    issuer.line.told("cotizaciones", {"moneda": "USD", "dia": str(DAY - timedelta(days=1)), "valor": "40.00"})
    dollars = {"moneda": "USD", "firmado": THEN}
    got = issuer.judged(
        issuer.cfe(111, 1, cambio="41.000", **dollars),
        issuer.cfe(112, 1, cambio="41.000", refers=[(111, 1)], **dollars),
    )
    assert got.estado == ["AE", "AE"]
    both = resumen(111, "40000.00", used=[(1, 1)]) + resumen(112, "41000.00", used=[(1, 1)])
    assert issuer.send_report(both).estado == ["AR"]
    assert issuer.report_state(DAY) == ["DR"], why(issuer)
    other = resumen(111, "41000.00", used=[(1, 1)]) + resumen(112, "41000.00", used=[(1, 1)])
    assert issuer.send_report(other, secuencia=2).estado == ["AR"]
    assert issuer.report_state(DAY)[-1] == "ER"


def test_a_report_is_not_judged_before_its_hour(issuer, clock):
    issuer.line.told("ajustes", {"demora_reporte": 60})
    sent = issuer.send_report(balanced(issuer))
    number = sent.find("IDReceptor")[0]
    assert issuer.report_state(DAY) == ["AR"]
    ask = ("EFACCONSULTARRESPUESTAREPORTE", "Consultarespuestareporte")
    assert issuer.ask(*ask, IdReceptor=number).code == 105
    clock.now = NOON + timedelta(seconds=60)
    assert issuer.report_state(DAY) == ["DR"]
    assert issuer.ask(*ask, IdReceptor=number).has("Ackrepdiario") == [sent.data.decode()]
    assert issuer.ask(*ask, IdReceptor=1).code == 104


@pytest.mark.parametrize("code", REPORTE)
def test_every_code_of_a_report_comes_on_cue(code, issuer, answer_schemas):
    issuer.line.told("guion", {"donde": "reporte", "filtro": {"dia": str(DAY)}, "efecto": {"codigos": [code]}})
    got = issuer.send_report()
    assert (got.estado, got.motivos) == (["BR"], [code])
    assert not answer_schemas or answer_schemas["ACKRepDiario"].validate(got.ack)
    assert issuer.send_report().estado == ["AR"], "a refused report gives its sequence back"


@pytest.mark.parametrize("state", ["DR", "ER", "FR"])
def test_every_state_of_a_report_comes_on_cue(state, issuer):
    issuer.line.told("guion", {"donde": "reporte", "efecto": {"estado": state}})
    assert issuer.send_report().estado == ["AR"]
    assert issuer.report_state(DAY) == [state]


def test_a_report_signed_by_somebody_else_is_refused(issuer, certifier):
    other = Issuer(issuer.line, issue(certifier, VALIDITY, rut="215555550010", titular="B (PRUEBA)"), certifier)
    theirs = other.report(RUCEmisor=RUT)
    assert issuer.receive("EFACRECEPCIONREPORTE", theirs).motivos == ["R02"]
