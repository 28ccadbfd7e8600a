"""A restored cloud waits for an installation that is switched off; those that are there go on handing over."""

from world import RUT


def test_what_is_signed_meanwhile_reaches_the_cloud_though_it_does_not_number(world):
    till = world.till()
    world.speaker("CAJA2").sell("W1")
    world.restore(world.backup())
    till.probe()
    till.sell("V1")
    for _ in range(4):
        till.pass_time(seconds=20)
        till.probe()
    assert not world.cloud.health(None).ok, "it waits for CAJA2"
    assert till.house.line.link.contingency, "which opens contingencia here"
    assert till.said("V1") == "ENVIADO"
    assert [slug for sale, slug, *_ in world.documents() if sale == ("PRUEBA", "V1")] == ["101-A-1"]


def test_an_answer_to_a_hand_over_does_not_end_contingencia(world):
    till = world.till()
    world.speaker("CAJA2").sell("W1")
    world.restore(world.backup())
    for n in range(6):
        till.probe()
        till.sell(f"V{n}")
        till.pass_time(seconds=30)
    assert till.house.line.link.contingency
    world.cloud.declare_dead("prueba", RUT, "CAJA2", "se quemó")
    world.settle()
    assert not till.house.line.link.contingency
    assert world.broken(doubtful=True) == []
