"""A closing agrees exactly when both sides say the same."""

from datetime import date
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from sincronizador.core.answer import Estado
from sincronizador.core.closing import Issued, Resultado, ToldSale, ToldTotal, compare, sums

DAY = date(2026, 11, 21)
AMOUNTS = st.decimals("0", "1000", places=2)


@st.composite
def days(draw):
    rows = draw(
        st.lists(
            st.tuples(
                st.sampled_from(["CAJA1", "CAJA2", ""]), st.sampled_from([101, 102, 111]),
                st.sampled_from(["UYU", "USD"]), AMOUNTS, st.sampled_from([Estado.ENVIADO, Estado.RECHAZADO_DGI]),
            )
        )
    )  # fmt: skip
    return [issued(n, *row) for n, row in enumerate(rows, 1)]


def issued(n, till, tipo, moneda, total, estado):
    return Issued(
        till=till, referencia=f"v{n}", key=f"V{n}", tipo=tipo, serie="A", numero=n, fecha=DAY, firmado="",
        moneda=moneda, total=total, receptor="", estado=estado, impresion="", name="",
    )  # fmt: skip


def totals_of(day, *, by_till):
    return [
        ToldTotal(line=n, till=one.till, tipo=one.tipo, moneda=one.moneda, cantidad=one.cantidad, total=one.total)
        for n, one in enumerate(sums(day, by_till=by_till), 1)
    ]


def sales_of(day):
    return [
        ToldSale(
            line=one.numero, referencia=one.referencia, key=one.key, tipo=0, serie="", numero=0, moneda="",
            total=one.total,
        )
        for one in day
        if one.estado.emitido
    ]  # fmt: skip


def nowhere(_):
    return "Nunca llegó."


@settings(deadline=None)
@given(days(), st.booleans())
def test_what_both_sides_say_agrees(day, by_till):
    # A till without a name is a till like others here: a line without CAJA would mean all of them.
    by_till = by_till and all(one.till for one in day)
    compared = compare(totals_of(day, by_till=by_till), sales_of(day), day, nowhere)
    assert compared.differences == 0
    assert len([line for line in compared.sales if line.ours]) == len(day), "every document is in the table once"


@settings(deadline=None)
@given(days(), st.data())
def test_one_sale_more_or_less_on_either_side_is_noticed(day, data):
    counted = [one for one in day if one.estado.emitido]
    if not counted:
        return
    lost = data.draw(st.sampled_from(counted))
    rest = [one for one in day if one is not lost]
    theirs = compare(totals_of(rest, by_till=False), sales_of(rest), day, nowhere)
    if sales_of(rest):
        assert [line.ours for line in theirs.sales if line.resultado is Resultado.FALTA_ALLI] == [lost]
    assert any(line.resultado is not Resultado.COINCIDE for line in theirs.totals)
    ours = compare(totals_of(day, by_till=False), sales_of(day), rest, nowhere)
    missing = [line for line in ours.sales if line.resultado is Resultado.FALTA_AQUI]
    assert [(line.told.key, line.why) for line in missing] == [(lost.key, "Nunca llegó.")]
    assert any(line.resultado is not Resultado.COINCIDE for line in ours.totals)


@settings(deadline=None)
@given(days(), AMOUNTS)
def test_a_cent_is_noticed(day, amount):
    told = totals_of(day, by_till=False)
    if not told:
        return
    changed = [
        ToldTotal(**{name: getattr(told[0], name) for name in ToldTotal.__slots__} | {"total": amount}),
        *told[1:],
    ]
    compared = compare(changed, [], day, nowhere)
    assert compared.differences == int(amount != told[0].total)
    assert compared.totals[0].difference == amount - told[0].total
    assert isinstance(compared.totals[0].difference, Decimal)
