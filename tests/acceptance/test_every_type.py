"""Every type of document from outside: dropped, judged by the official schema, xmlsec1, a QR reader and arithmetic."""

import pytest
from outside import judge
from outside.every_type import every_type
from outside.installation import wait_for
from outside.shop import case_of, wait_for_all


@pytest.mark.timeout(240)
def test_every_type_becomes_a_right_document_also_when_the_machine_falls_in_between(installation, today):
    drops = list(every_type(today, "FIRMADO_LOCAL"))
    installation.start()
    for number, drop in enumerate(drops):
        installation.drop(drop.name, drop.content)
        if number in (15, 30):
            installation.kill()
            installation.start()
    wait_for_all(installation, drops)
    case = case_of(installation, drops)
    faults = judge.faults(case) + judge.unprinted(case)
    assert not faults, judge.told(faults)


@pytest.mark.timeout(240)
def test_every_type_through_the_cloud_and_without_it(site, today):
    site.start()
    online = list(every_type(today, "ENVIADO"))
    for drop in online:
        site.till.drop(drop.name, drop.content)
    wait_for_all(site.till, online)
    site.cloud.kill()
    offline = list(every_type(today, "ENVIADO", tag="C"))
    for drop in offline:
        assert site.sell(drop)["ESTADO"] == "FIRMADO_CONTINGENCIA"
    site.cloud.start()
    wait_for("the end of contingency", lambda: not site.contingency() or None, 60)
    faults = site.faults([*online, *offline])
    assert not faults, judge.told(faults)
