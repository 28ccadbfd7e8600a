"""The certificate that follows, in the cloud: its own and those that tills sign with."""

from datetime import timedelta

import pytest
from clouds import PASSWORD, RUT, authority, draft, identity

from sincronizador.errors import NeedsOperator
from sincronizador.nube import codes
from sincronizador.nube.certificates import Following
from sincronizador.signing.certificate import to_pkcs12
from sincronizador.signing.identity import Validity, issue
from sincronizador.signing.xmldsig import XmlSigner, confirms


def test_the_next_certificate_signs_from_its_day_on_and_what_tills_signed_with_theirs_is_taken(till, place):
    lease = till.lease(10).lease
    day, present = timedelta(days=1), identity()
    soon = Validity(desde=place.clock.at + 5 * day, hasta=present.certificate.not_after + 900 * day)
    fresh = issue(authority(), soon, rut=RUT, titular="SIGUIENTE (PRUEBA)")
    change = place.clock.at.replace(hour=0, minute=0) + 20 * day
    for wrong in (present.certificate.not_after + day, place.clock.at):
        with pytest.raises(NeedsOperator, match="no puede quedar como siguiente"):
            place.cloud.install_certificate("ana", RUT, to_pkcs12(fresh, PASSWORD), PASSWORD, Following(wrong))
    kept = place.cloud.install_certificate("ana", RUT, to_pkcs12(fresh, PASSWORD), PASSWORD, Following(change))
    assert kept.since == change
    own = issue(authority(), soon, rut=RUT, titular="CAJA SIGUIENTE (PRUEBA)")
    place.cloud.know_certificate("ana", RUT, own.certificate.der)

    def signed_by(name, what):
        signed = till.submit(name, draft(what)).reply.receipt.signed
        return next(one for one in (present, fresh) if confirms(signed, one.certificate)).certificate.titular

    assert signed_by("V1", "V1") == "ALMACÉN (PRUEBA)"
    place.clock.at = change - timedelta(seconds=1)
    assert signed_by("V2", "V2") == "ALMACÉN (PRUEBA)"
    place.clock.at = change
    assert signed_by("V3", "V3") == "SIGUIENTE (PRUEBA)"
    till.signer = XmlSigner(own)
    signed = till.sign(lease, 1, draft("V4", fecha=change.date()), change)
    assert till.hand_over("V4", signed, lease=lease.id).created
    place.clock.at = present.certificate.not_after + day
    found = {one.code for one in place.cloud.alarms()}
    assert not found & {codes.CERTIFICATE_ENDS.code, codes.NO_CERTIFICATE.code}


def test_the_end_of_a_certificate_is_no_alarm_when_the_next_one_is_there(place):
    place.clock.at = identity().certificate.not_after - timedelta(days=10)

    def told():
        return [one.code for one in place.cloud.alarms() if one.code == codes.CERTIFICATE_ENDS.code]

    assert told()
    validity = Validity(desde=place.clock.at, hasta=place.clock.at + timedelta(days=900))
    fresh = issue(authority(), validity, rut=RUT, titular="SIGUIENTE (PRUEBA)")
    place.cloud.install_certificate("ana", RUT, to_pkcs12(fresh, PASSWORD), PASSWORD, Following())
    assert not told()
