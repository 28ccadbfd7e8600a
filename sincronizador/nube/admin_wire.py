"""What an administrator is told, as JSON: over the API and by ``--json``."""

from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sincronizador.nube.acts import Act, Alarm
from sincronizador.nube.installations import Installation
from sincronizador.nube.issuers import InstalledCertificate, Issuer
from sincronizador.nube.paperwork import Standing


def issuer(found: Issuer) -> dict[str, Any]:
    """An issuer with its branches."""
    return {
        "rut": found.rut,
        "branches": [asdict(branch) for branch in found.branches],
        "ajustes": rules(found),
        "recovering": found.recovering,
    }


def rules(found: Issuer) -> dict[str, Any]:
    """What an issuer's settings decide, as they are given to `Cloud.keep_issuer`."""
    ajustes = asdict(found.ajustes)
    ajustes.pop("ambiente")
    ajustes["tolerancia"] = str(found.ajustes.tolerancia)
    ajustes["ui"] = {str(year): str(value) for year, value in found.ajustes.ui.items()}
    return ajustes


def rules_of(issuers: Iterable[Issuer], rut: str) -> dict[str, Any]:
    """The rules that an issuer has already; none for a new one."""
    return next((rules(one) for one in issuers if one.rut == rut), {})


def installation(found: Installation) -> dict[str, Any]:
    """One installation."""
    return {
        "rut": found.rut,
        "code": found.code,
        "epoch": found.epoch,
        "recovered": found.recovered,
        "dead": found.dead,
        "tokens": found.tokens,
        "seen": _moment(found.seen),
    }


def certificate(found: InstalledCertificate) -> dict[str, Any]:
    """A certificate of an issuer."""
    return {
        "rut": found.rut,
        "fingerprint": found.fingerprint,
        "titular": found.titular,
        "not_before": _moment(found.not_before),
        "not_after": _moment(found.not_after),
        "has_key": found.has_key,
        "installed": _moment(found.installed),
        "revoked": _moment(found.revoked),
        "since": _moment(found.since),
    }


def alarm(found: Alarm) -> dict[str, Any]:
    """Something that a person must look at."""
    return {**asdict(found), "at": _moment(found.at)}


def act(found: Act) -> dict[str, Any]:
    """One entry of the audit."""
    return {**asdict(found), "at": _moment(found.at)}


def _moment(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


def standing(found: Standing) -> dict[str, Any]:
    """How an issuer stands with DGI."""
    return {
        "rut": found.rut,
        "waiting": found.waiting,
        "under_way": found.under_way,
        "held": list(found.held),
        "rejected": found.rejected,
        "since": found.since.isoformat() if found.since else None,
        "reports": found.reports,
        "last_report": found.last_report.isoformat() if found.last_report else None,
        "pending": [[day.isoformat(), why] for day, why in found.pending],
        "trouble": found.trouble,
        "trouble_since": found.trouble_since.isoformat() if found.trouble_since else None,
    }
