"""Documents of every type with the real cloud: numbered by it and adopted, or signed here and handed over."""

import re
from datetime import date
from pathlib import Path

import pytest

from sincronizador.countries.uy.tipos import TipoCfe

GOLDENS = Path(__file__).parents[1] / "goldens" / "uy"
NAMES = sorted(path.name for path in GOLDENS.iterdir() if re.fullmatch(r"\d{4}-[12]\d\d-[^.]*\.(txt|xml)", path.name))
VENCE = date(2028, 11, 21)
ELECTRONIC = {int(tipo) for tipo in TipoCfe if not tipo.is_papel}


@pytest.fixture
def till(world):
    """A machine whose cloud has CAEs of every type."""
    for tipo in sorted(ELECTRONIC - {101, 102, 111}):
        world.import_cae("B", 1, 400, VENCE, tipo=tipo)
    return world.till()


def drop_all(till):
    """Drop every golden in order; what was answered, by the type of its name."""
    for name in NAMES:
        till.drop(name, (GOLDENS / name).read_bytes())
        till.work()
        till.pass_time(seconds=5)
    return answers_of(till)


def answers_of(till):
    answers = till.answers()
    return {name: answers[name.rpartition(".")[0]] for name in NAMES}


def of_type(name):
    return int(name[5:8])


def test_every_type_is_numbered_by_the_cloud_adopted_and_confirmed(world, till):
    for name, answer in drop_all(till).items():
        assert (answer[""], answer["ESTADO"], int(answer["TIPO"])) == ("OK", "ENVIADO", of_type(name)), name
    world.settle()
    assert world.broken() == []
    told = {int(slug.partition("-")[0]): state for _, slug, state, _, _ in world.documents()}
    assert set(told) >= ELECTRONIC | {201, 211, 281, 282}
    assert set(told.values()) == {"confirmed"}


def test_every_type_is_signed_here_without_the_cloud_and_handed_over_afterwards(world, till):
    till.line.cut()
    for name, answer in drop_all(till).items():
        expected = "FIRMADO_LOCAL" if of_type(name) > 200 else "FIRMADO_CONTINGENCIA"
        assert (answer[""], answer["ESTADO"]) == ("OK", expected), name
    assert world.documents() == []
    world.settle()
    assert world.broken() == []
    assert {int(slug.partition("-")[0]) for _, slug, _, _, _ in world.documents()} >= ELECTRONIC
    assert {answer["ESTADO"] for answer in answers_of(till).values()} == {"ENVIADO"}
