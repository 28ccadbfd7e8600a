"""What travels to DGI and to whom else, in which order."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from firmados import DIA, VENTA, Firmado, a_empresa
from hand_made import CONSUMER, signed
from hypothesis import given, settings
from hypothesis import strategies as st
from signed_samples import COMPRADOR, RUT, SAMPLES

from sincronizador.core.emitido import Emitido
from sincronizador.countries.uy.consultas import EmisorElectronico
from sincronizador.countries.uy.filing import Rumbo, read_rumbo, receiver_of, sending_order, travels_alone
from sincronizador.countries.uy.tipos import TipoCfe
from sincronizador.errors import Rejected

UI = {2026: Decimal("6.40")}
"""5,000 of them are 32,000 pesos."""
CASI = {"MntNoGrv": "32000.00"}


def emitido(tipo: int, neto: str, **more: object) -> Emitido:
    """A document of that net amount."""
    base = SAMPLES["101"].emitido()
    return replace(base, tipo=tipo, importes=(("EXENTO", neto),), fecha=DIA, **more)  # type: ignore[arg-type]


def test_e_tickets_and_their_notes_up_to_the_limit_are_only_reported() -> None:
    reported = {tipo for tipo in TipoCfe if not travels_alone(emitido(tipo, "32000.00"), UI)}
    assert reported == {101, 102, 103, 131, 132, 133, 201, 202, 203, 231, 232, 233}


@pytest.mark.parametrize("tipo", list(TipoCfe))
def test_above_the_limit_everything_travels(tipo: int) -> None:
    assert travels_alone(emitido(tipo, "32000.01"), UI)


def test_a_small_e_ticket_that_withholds_travels_and_one_with_a_tax_credit_does_not() -> None:
    one = emitido(101, "100.00")
    assert travels_alone(replace(one, importes=(*one.importes, ("RETENIDO", "1.00"))), UI)
    assert not travels_alone(replace(one, importes=(*one.importes, ("CREDITO_FISCAL", "1.00"))), UI)


@pytest.mark.parametrize(("neto", "alone"), [("800.00", False), ("800.01", True)])
def test_what_is_in_another_currency_is_measured_at_its_own_rate(neto: str, alone: bool) -> None:
    assert travels_alone(emitido(101, neto, moneda="USD", cotizacion=Decimal(40)), UI) is alone


def test_what_the_checks_do_not_ask_to_identify_does_not_travel_either() -> None:
    """Both measure the net in pesos to the cent."""
    just = emitido(101, "0.333", moneda="USD", cotizacion=Decimal("96096.108"))
    assert not travels_alone(just, UI), "32,000.0039 pesos are 32,000.00"


def test_every_net_counts_and_no_tax_does() -> None:
    names = ("EXENTO", "EXPORTACION", "PERCIBIDO", "SUSPENSO", "NETO_MINIMA", "NETO_BASICA", "NETO_OTRA")
    for name in names:
        assert travels_alone(replace(emitido(101, "0"), importes=((name, "32000.01"),)), UI), name
    for name in ("IVA_MINIMA", "IVA_BASICA", "IVA_OTRA", "TOTAL", "A_PAGAR", "NO_FACTURABLE"):
        assert not travels_alone(replace(emitido(101, "0"), importes=((name, "99999.00"),)), UI), name


def test_without_the_ui_of_the_year_what_is_not_surely_below_travels() -> None:
    last = {2025: Decimal("6.40")}
    assert not travels_alone(emitido(101, "28800.00"), last)
    assert travels_alone(emitido(101, "28800.01"), last)
    assert travels_alone(emitido(101, "0.01"), {})


def test_a_document_says_what_it_refers_to_and_which_company_receives_it() -> None:
    one = Firmado(tipo=112, numero=5, refs=((111, "B", 9), (211, "C", 3)), receptor=a_empresa(COMPRADOR))
    assert read_rumbo(one.signed) == Rumbo(
        clave=(112, "A", 5), firmado=one.firmado, referencias=frozenset({(111, "B", 9), (211, "C", 3)}),
        receptor=COMPRADOR,
    )  # fmt: skip


def test_a_global_reference_refers_to_no_document_and_a_person_is_no_company() -> None:
    rumbo = read_rumbo(SAMPLES["103"].signed())
    assert (rumbo.referencias, rumbo.receptor) == (frozenset(), "")
    assert "DocRecep" in CONSUMER
    assert read_rumbo(signed(101)).receptor == ""


def test_what_is_no_cfe_goes_nowhere() -> None:
    with pytest.raises(Rejected, match="no es un CFE"):
        read_rumbo(b"<CFE/>")


def rumbo(numero: int, *refs: int, minute: int = 0, tipo: int = 111) -> Rumbo:
    at = Firmado().firmado + timedelta(minutes=minute)
    return Rumbo(
        clave=(tipo, "A", numero), firmado=at, referencias=frozenset((tipo, "A", ref) for ref in refs), receptor=""
    )


def numeros(documents: list[Rumbo]) -> list[int]:
    return [found.clave[2] for found in sending_order(documents)]


def test_documents_are_sent_as_they_were_signed() -> None:
    assert numeros([rumbo(1, minute=5), rumbo(3, minute=1), rumbo(2, minute=1)]) == [2, 3, 1]


def test_a_note_is_never_sent_before_what_it_refers_to_however_far_that_goes() -> None:
    assert numeros([rumbo(1, 2), rumbo(2, 3, minute=1), rumbo(3, minute=2), rumbo(4, minute=3)]) == [3, 2, 1, 4]


def test_what_is_not_among_them_holds_nothing_up_and_neither_does_a_circle() -> None:
    assert numeros([rumbo(1, 99)]) == [1]
    assert sorted(numeros([rumbo(1, 2), rumbo(2, 1), rumbo(3, 3)])) == [1, 2, 3]


def test_a_long_chain_of_notes_is_ordered_without_running_out_of_depth() -> None:
    chain = [rumbo(n, n + 1, minute=n) for n in range(1, 5000)]
    assert numeros([*chain, rumbo(5000, minute=5000)]) == list(range(5000, 0, -1))


@settings(deadline=None)
@given(st.dictionaries(st.integers(1, 12), st.lists(st.integers(1, 12), max_size=3), max_size=12), st.randoms())
def test_the_order_holds_for_any_references(drawn: dict[int, list[int]], random: object) -> None:
    forward = {n: [ref for ref in refs if ref < n] for n, refs in drawn.items()}
    documents = [rumbo(n, *refs, minute=random.randint(0, 9)) for n, refs in forward.items()]  # type: ignore[attr-defined]
    found = numeros(documents)
    assert sorted(found) == sorted(forward)
    for n, refs in forward.items():
        assert all(found.index(ref) < found.index(n) for ref in refs if ref in forward)


EMPRESA = EmisorElectronico(rut=COMPRADOR, denominacion="Cliente", desde=date(2026, 1, 1), hasta=date(2026, 11, 30))
REGISTRO = {COMPRADOR: EMPRESA, RUT: replace(EMPRESA, rut=RUT)}


@pytest.mark.parametrize(
    ("one", "day", "receiver"),
    [
        (Firmado(tipo=111, receptor=a_empresa(COMPRADOR)), DIA, COMPRADOR),
        (Firmado(tipo=101, receptor=a_empresa(COMPRADOR)), DIA, COMPRADOR),
        (Firmado(tipo=182, receptor=a_empresa(COMPRADOR)), DIA, COMPRADOR),
        (Firmado(tipo=211, receptor=a_empresa(COMPRADOR)), DIA, ""),
        (Firmado(tipo=281, receptor=a_empresa(COMPRADOR)), DIA, ""),
        (Firmado(tipo=181, receptor=a_empresa(RUT)), DIA, ""),
        (Firmado(tipo=111, receptor=a_empresa("214844360018")), DIA, ""),
        (Firmado(tipo=111, receptor=a_empresa(COMPRADOR)), date(2026, 12, 1), ""),
        (Firmado(tipo=111, receptor=a_empresa(COMPRADOR)), date(2025, 12, 31), ""),
        (Firmado(tipo=101, montos=VENTA), DIA, ""),
    ],
)
def test_only_electronic_issuers_receive_and_never_papers_nor_ones_own(one: Firmado, day: date, receiver: str) -> None:
    assert receiver_of(read_rumbo(one.signed), RUT, REGISTRO, day) == receiver
