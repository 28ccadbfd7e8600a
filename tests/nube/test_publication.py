"""What the publication says of documents, whatever they say, and how it finds them."""

import hashlib
import re
import string
from dataclasses import replace

import pytest
from clouds import RUT, law
from hypothesis import given
from hypothesis import strategies as st
from markup import read_page
from sqlalchemy import event, text
from sqlalchemy.engine import Engine

from sincronizador.core.receipt import CloudState
from sincronizador.countries.uy.signed import parse_signed
from sincronizador.nube import public_api, public_pages, public_site
from sincronizador.nube.configuration import Publicacion
from sincronizador.nube.publication import STANDINGS, Question, read_question
from sincronizador.nube.tables import document

COUNT = (CloudState.CONFIRMED, CloudState.SENT, CloudState.ACCEPTED, CloudState.REPORTED, CloudState.OBSERVED)
NASTY = (
    "<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "' autofocus onfocus='alert(1)", "</title><b>",
    "</style><script>", "<!--", "]]>", "&lt;b&gt;", "javascript:alert(1)", "\u202e\u2028<svg/onload=1>", "{{7*7}}",
)  # fmt: skip
texts = st.one_of(st.sampled_from(NASTY), st.text(max_size=60), st.text(alphabet="<>&\"'/= scriptonx", max_size=60))


def question_of(receipt, **other):
    code = parse_signed(receipt.signed).digest[:6]
    whole = Question(rut=RUT, tipo=receipt.tipo, serie=receipt.serie, numero=receipt.numero, codigo=code)
    return replace(whole, **other)


def test_every_state_is_told_and_only_what_counts_is_given():
    assert set(STANDINGS) == set(CloudState)
    assert {state for state, standing in STANDINGS.items() if standing.vale} == set(COUNT)
    assert len({standing.estado for standing in STANDINGS.values()}) == len(STANDINGS)
    assert all("válido" in STANDINGS[state].frase for state in (CloudState.REJECTED, CloudState.VOIDED))


@pytest.mark.parametrize("state", CloudState)
def test_a_document_stands_as_it_is_in_the_base(place, till, state):
    receipt = till.sell("V1")
    with place.cloud._store.writing() as db:
        db.execute(text("UPDATE document SET state = :state"), {"state": state.value})
    found = place.cloud.publication.find(question_of(receipt))
    assert (found.standing, found.emitido.signed) == (STANDINGS[state], receipt.signed)
    assert found.emisor == "ALMACÉN DE PRUEBA S.A."


def test_only_the_right_code_of_that_very_number_finds_it(place, till):
    first, second = till.sell("V1"), till.sell("V2")
    code = question_of(second).codigo
    find = place.cloud.publication.find
    assert find(question_of(first)).emitido.numero == first.numero
    for other in (
        {"codigo": code}, {"codigo": question_of(first).codigo.swapcase()}, {"numero": 77}, {"serie": "B"},
        {"tipo": 102}, {"rut": "211003420017"}, {"codigo": "\0" * 6},
    ):  # fmt: skip
        assert find(question_of(first, **other)) is None, other
    assert find(question_of(first, numero=77, codigo="\0" * 6)) is None


def test_the_printable_form_is_the_one_of_the_ticket(place, till):
    receipt = till.sell("V1")
    found = place.cloud.publication.find(question_of(receipt))
    content = place.cloud.publication.pdf(found)
    assert content.startswith(b"%PDF-")
    assert content == place.cloud.publication.pdf(found)


MANY = 5_000


def multiply(place):
    """Many documents out of one, a hundred a day: what a PostgreSQL does depends on it."""
    names = [column.name for column in document.columns if column.name != "id"]
    other = {"number": "1 + g", "key": "'K' || g", "day": "day + g / 100"}
    values = ", ".join(other.get(name, name) for name in names)
    with place.cloud._store.writing() as db:
        db.exec_driver_sql(
            f"INSERT INTO document ({', '.join(names)})"  # noqa: S608 - names of our own
            f" SELECT {values} FROM document, generate_series(1, {MANY}) g"
        )
        db.exec_driver_sql("ANALYZE document")


def plans(place, act):
    """How the base answers what `act` asks of its documents."""
    seen = []

    def note(db, cursor, statement, parameters, context, many):
        if "FROM document" in statement:
            seen.append((statement, parameters))

    event.listen(Engine, "before_cursor_execute", note)
    try:
        act()
    finally:
        event.remove(Engine, "before_cursor_execute", note)
    with place.cloud._store.reading() as db:
        postgresql = db.dialect.name == "postgresql"
        explain = "EXPLAIN " if postgresql else "EXPLAIN QUERY PLAN "
        rows = [db.exec_driver_sql(explain + statement, parameters).all() for statement, parameters in seen]
    return [" ".join(str(row[0 if postgresql else 3]) for row in one) for one in rows]


def test_nothing_that_is_asked_reads_the_documents_from_end_to_end(place, till):
    receipt = till.sell("V1")
    if place.cluster:
        multiply(place)
    day = receipt.signed_at.astimezone(law().zone).date()
    publication = place.cloud.publication

    def asked():
        assert publication.find(question_of(receipt))
        assert next(publication.signed_on(RUT, day))

    by_number, by_day, by_id = plans(place, asked)
    for found in (by_number, by_day, by_id):
        assert not re.search(r"\bSCAN\b|Seq Scan", found), found
    assert re.search("uq_document|sqlite_autoindex_document", by_number), by_number
    assert "ix_document_day" in by_day
    assert re.search("PRIMARY KEY|pk_document", by_id), by_id


@given(fields=st.fixed_dictionaries(dict.fromkeys(public_api._FIELDS, texts)))
def test_whatever_is_asked_is_a_question_or_is_told_what_is_wrong_with_it(fields):
    found = read_question(fields)
    if isinstance(found, Question):
        assert re.fullmatch("[0-9]{12}", found.rut)
        assert re.fullmatch("[A-Z0-9]{1,2}", found.serie)
        assert 0 <= found.numero < 10_000_000
        assert re.fullmatch("[A-Za-z0-9+/]{6}", found.codigo)
    else:
        assert found.keys() <= set(public_api._FIELDS)
        assert found


@given(code=st.text(alphabet=string.ascii_letters + string.digits + "+/", min_size=6, max_size=6))
def test_a_code_is_understood_also_where_an_address_made_its_plus_a_blank(code):
    given_ = {"rut": RUT, "tipo": "101", "serie": "a", "numero": "007", "codigo": code.replace("+", " ")}
    assert read_question(given_) == Question(rut=RUT, tipo=101, serie="A", numero=7, codigo=code)


def shape(content):
    """The elements of a page and the attributes that do something, without what is said in it."""
    found = read_page(content)
    return {tag: [sorted(one) for one in many] for tag, many in found.attributes.items()}


@given(fields=st.fixed_dictionaries(dict.fromkeys(public_api._FIELDS, texts)), notice=texts)
def test_no_question_adds_anything_to_the_form_but_text(fields, notice):
    plain = shape(public_pages.form(dict.fromkeys(fields, "x"), notice="x", trial=True))
    asked = public_pages.form(fields, notice=notice or "x", trial=True)
    found = shape(asked)
    # Which kind of document is chosen is an attribute.
    assert {tag: many for tag, many in found.items() if tag != "option"} == {
        tag: many for tag, many in plain.items() if tag != "option"
    }
    values = {one["id"]: one["value"] for one in read_page(asked).attributes["input"]}
    assert all(
        fields[name].startswith(value.replace("\r", "")) or "\r" in fields[name] for name, value in values.items()
    )


@pytest.fixture(scope="module")
def published(tmp_path_factory):
    """A document to be dressed up as a nasty one."""
    from clouds import Place, Till

    place = Place(f"sqlite:///{(folder := tmp_path_factory.mktemp('n'))}/nube.db", folder).found()
    receipt = Till(place).sell("V1")
    found = place.cloud.publication.find(question_of(receipt))
    place.cloud.close()
    return found


@pytest.mark.parametrize("state", [CloudState.ACCEPTED, CloudState.REJECTED])
@pytest.mark.parametrize("nasty", NASTY)
def test_no_document_adds_anything_to_its_page_but_text(published, nasty, state):
    emitido = replace(published.emitido, nombre=nasty, serie=nasty, moneda=nasty, cae=nasty, codigo_seguridad=nasty)
    dressed = replace(published, emisor=nasty, rut=nasty, emitido=emitido, standing=STANDINGS[state])
    files = [("XML", "a.xml")]
    plain = public_pages.result(replace(published, standing=STANDINGS[state]), files, "b", trial=False)
    page = public_pages.result(dressed, files, "b", trial=False)
    assert shape(page) == shape(plain)
    assert nasty in read_page(page).text.replace("\n\n", "\n")


def test_a_network_of_one_subscriber_is_one_address():
    class Asked:
        def __init__(self, host):
            self.client = type("C", (), {"host": host})()

    def of(host):
        return public_api._neighbourhood(Asked(host))

    assert of("2001:db8:0:1::1") == of("2001:db8:0:1:ffff::2") != of("2001:db8:0:2::1")
    assert of("::ffff:192.0.2.1") == of("192.0.2.1") != of("192.0.2.2")
    assert of("::1") == of("::2")
    assert of("no soy una dirección") == "no soy una dirección"


def test_the_limits_that_are_not_said_are_the_ones_of_the_manual():
    assert Publicacion().por_direccion == 60
    assert Publicacion().por_comprobante == 30


def test_where_a_document_lies_is_said_by_its_number_and_its_code_alone(till):
    question = question_of(till.sell("V1"))
    digest = hashlib.sha256(
        f"{RUT}-{question.tipo}-{question.serie}-{question.numero}-{question.codigo}".encode()
    ).hexdigest()
    assert "".join(public_site.stem_of(question)) == digest
    assert public_site.stem_of(replace(question, codigo="AAAAAA")) != public_site.stem_of(question)
