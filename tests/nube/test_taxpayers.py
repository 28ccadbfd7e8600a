"""The look-up of taxpayers: asked once, kept, told with its age; and what happens when nobody answers."""

from datetime import timedelta

import pytest
from actividad import actividad

from sincronizador.authorities.codes import UNANSWERED
from sincronizador.authorities.door import Fault
from sincronizador.core.contribuyente import Consulta, Fuente
from sincronizador.core.finding import Finding
from sincronizador.errors import Unanswered, Unavailable
from sincronizador.nube.cloud import Cloud
from sincronizador.nube.taxpayers import AT_ONCE, FRESH

RUT = "219999830019"


class FakeOffices:
    """DGI's services of an issuer: what they are asked, and what they say."""

    def __init__(self):
        self.asked = []
        self.says = {}
        self.closed = False

    def client(self, identity, *, patience=None):
        self.issuer, self.patience = identity.certificate.rut, patience
        return self

    def taxpayer(self, rut):
        self.asked.append(rut)
        said = self.says[rut]
        if isinstance(said, Exception):
            raise said
        return said() if callable(said) else said

    def close(self):
        self.closed = True


@pytest.fixture
def offices(place):
    made = FakeOffices()
    made.says[RUT] = actividad(rut=RUT).encode("iso-8859-1")
    place.cloud = Cloud(place.cloud._store, place.vault, place.clock, offices=made)
    return made


def issuer(place):
    return place.cloud.issuers()[0].rut


def ask(place, rut=RUT):
    return place.cloud.taxpayer(issuer(place), rut)


def silent():
    return UNANSWERED.at(detalle="no contestó en 5 s").as_error(Unanswered)


def test_what_dgi_says_is_told_and_not_asked_again_the_same_day(place, offices):
    first = ask(place)
    assert (first.fuente, first.sin_linea) == (Fuente.DGI, False)
    assert place.clock() - first.consultado < timedelta(seconds=1)
    assert first.contribuyente.razon_social == "EMPRESA INVENTADA S.A."
    assert (offices.issuer, offices.patience) == (issuer(place), 5.0)
    place.clock.go(seconds=FRESH.total_seconds() - 1)
    again = ask(place)
    assert (again.fuente, again.sin_linea, again.consultado) == (Fuente.CACHE, False, first.consultado)
    assert again.contribuyente == first.contribuyente
    assert offices.asked == [RUT]


def test_a_day_later_it_is_asked_again_and_the_newest_word_is_kept(place, offices):
    ask(place)
    place.clock.go(seconds=FRESH.total_seconds())
    offices.says[RUT] = actividad(rut=RUT, nombre="OTRO NOMBRE S.A.").encode("iso-8859-1")
    assert ask(place).contribuyente.razon_social == "OTRO NOMBRE S.A."
    assert ask(place).contribuyente.razon_social == "OTRO NOMBRE S.A."
    assert len(offices.asked) == 2


def test_a_clock_that_was_put_back_does_not_make_an_answer_fresh_for_ever(place, offices):
    ask(place)
    place.clock.go(days=-2)
    assert ask(place).fuente is Fuente.DGI


def test_without_a_line_the_last_word_is_told_with_its_age(place, offices):
    first = ask(place)
    place.clock.go(days=40)
    offices.says[RUT] = silent()
    found = ask(place)
    assert (found.fuente, found.sin_linea, found.consultado) == (Fuente.CACHE, True, first.consultado)


def test_without_a_line_nothing_is_told_of_whom_nobody_knows(place, offices):
    offices.says[RUT] = silent()
    with pytest.raises(Unavailable, match="no contestó en 5 s") as raised:
        ask(place)
    assert raised.value.code == "not_ready"


@pytest.mark.parametrize("code", [5, 6, 7, 8, 9, 10, 11, 12, 14])
def test_a_refusal_of_dgi_is_its_word_and_is_kept(place, offices, code):
    ask(place)
    place.clock.go(seconds=FRESH.total_seconds())
    offices.says[RUT] = Fault(code=code, description="No", detail="")
    told = ask(place)
    assert isinstance(told, Finding)
    assert told.code == f"E15{code:02}"
    offices.says[RUT] = silent()
    assert ask(place) == told
    place.clock.go(seconds=FRESH.total_seconds())
    assert ask(place) == told


@pytest.mark.parametrize("code", [1, 3, 100])
def test_trouble_of_the_service_is_no_word_about_the_taxpayer(place, offices, code):
    offices.says[RUT] = Fault(code=code, description="Error grave", detail="")
    with pytest.raises(Unavailable, match="Error grave"):
        ask(place)
    offices.says[RUT] = actividad(rut=RUT).encode("iso-8859-1")
    first = ask(place)
    place.clock.go(seconds=FRESH.total_seconds())
    offices.says[RUT] = Fault(code=code, description="Error grave", detail="")
    assert ask(place) == Consulta(
        contribuyente=first.contribuyente, fuente=Fuente.CACHE, consultado=first.consultado, sin_linea=True
    )


def test_an_answer_about_somebody_else_is_not_taken(place, offices):
    offices.says[RUT] = actividad(rut="219000090011").encode("iso-8859-1")
    with pytest.raises(Unavailable, match="219000090011"):
        ask(place)
    offices.says[RUT] = b"<html/>"
    with pytest.raises(Unavailable):
        ask(place)


@pytest.mark.parametrize("rut", ["219999830018", "21999983001", "abc", "", "219999830019 ", "２１９９９９８３００１９"])
def test_what_is_no_rut_is_never_asked(place, offices, rut):
    found = ask(place, rut)
    assert isinstance(found, Finding)
    assert found.code == "E1101"
    assert offices.asked == []


def test_a_cloud_without_dgi_says_so_or_tells_what_it_knows(place, offices):
    ask(place)
    place.clock.go(seconds=FRESH.total_seconds())
    place.reopen()
    assert offices.closed
    assert ask(place).sin_linea
    assert ask(place, "219000090011") is None


def test_an_issuer_without_a_certificate_cannot_ask(empty):
    offices = FakeOffices()
    cloud = Cloud(empty.cloud._store, empty.vault, empty.clock, offices=offices)
    with pytest.raises(Unavailable, match="certificado"):
        cloud.taxpayer("217777770013", RUT)
    assert offices.asked == []


def test_a_slow_dgi_takes_no_more_than_some_threads(place, offices):
    inside = []

    def nested():
        inside.append(RUT)
        return ask(place)

    def slow():
        nested()
        return actividad(rut=RUT).encode("iso-8859-1")

    offices.says[RUT] = slow
    with pytest.raises(Unavailable, match="demasiadas consultas"):
        ask(place)
    assert len(inside) == AT_ONCE
    offices.says[RUT] = actividad(rut=RUT).encode("iso-8859-1")
    assert ask(place).fuente is Fuente.DGI
