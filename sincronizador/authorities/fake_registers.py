"""What DGI has on file before anybody sends: CAEs, issuers with their addresses, taxpayers, rates, settings."""

import json
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from sqlite3 import Row
from typing import Any

from sincronizador.authorities.fake_memory import Memory
from sincronizador.countries.uy.cae import parse_cae
from sincronizador.countries.uy.tipos import ZONE

DEFAULTS: Mapping[str, Any] = {
    "demora": 0,
    "demora_reporte": 0,
    "adelanto": 0,
    "monto_habitual": None,
    "tope": None,
    "admite_sha1": False,
    "firma": "sha1",
}
"""What `ajustes` may change: seconds until a sobre is processed, and a report; seconds that DGI's clock is ahead; the
amount in pesos from which E06 is said; the e-Ticket threshold in pesos (None: not known); whether CFEs signed with
SHA-1 pass; with what the answers' envelopes are signed."""


class Registers:
    """They are filled from outside, by the control door."""

    def __init__(self, memory: Memory) -> None:
        self._memory = memory

    def keep_cae(self, content: bytes) -> str:
        """A CAE file as DGI gave it to the issuer. Its name for a person. Raises `Rejected` E220x."""
        file = parse_cae(content)
        rango = file.rango
        self._memory.keep(
            "cae", id=rango.id, rut=file.emisor, tipo=rango.tipo, serie=rango.serie, desde=rango.desde,
            hasta=rango.hasta, autorizado=file.autorizado.isoformat(), vence=rango.vence.isoformat(),
            especial=rango.especial, causal=rango.causal, clase="E",
        )  # fmt: skip
        return f"CAE {rango.id}: {rango.tipo} {rango.serie} {rango.desde} a {rango.hasta} de {file.emisor}"

    def keep_constancia(self, said: Mapping[str, Any]) -> None:
        """A constancia of pre-printed paper. Raises KeyError for what it does not say."""
        self._memory.keep(
            "cae", id=str(said["id"]), rut=said["rut"], tipo=int(said["tipo"]), serie=said["serie"],
            desde=int(said["desde"]), hasta=int(said["hasta"]), autorizado=said.get("autorizado", "2011-10-01"),
            vence=said["vence"], especial=said.get("especial", ""), causal=said.get("causal", ""),
            clase=said.get("clase", "F"),
        )  # fmt: skip

    def caes(self, number: str) -> list[Row]:
        """All on file under that number: one authorisation may be of several issuers in trials."""
        return self._memory.rows("SELECT * FROM cae WHERE id = ?", number)

    def constancias_of(self, rut: str, tipo: int) -> list[Row]:
        """The papers of that type that the issuer has on file."""
        return self._memory.rows("SELECT * FROM cae WHERE rut = ? AND tipo = ?", rut, tipo)

    def keep_issuer(self, said: Mapping[str, Any], now: datetime) -> None:
        """An electronic issuer, where its mail goes and, if it has one, the address of its web service."""
        self._memory.keep(
            "emisor", rut=said["rut"], denominacion=said.get("denominacion", ""), fantasia=said.get("fantasia", ""),
            inicio=said.get("inicio", "2011-10-01"), fin=said.get("fin", ""), mail=said.get("mail", ""),
            url=said.get("url", ""), cambiado=now.isoformat(),
        )  # fmt: skip

    def issuers(self, rut: str = "", denominacion: str = "") -> list[Row]:
        """Those whose RUT and name hold these, by RUT."""
        return self._memory.rows(
            "SELECT * FROM emisor WHERE instr(rut, ?) AND instr(denominacion, ?) ORDER BY rut", rut, denominacion
        )

    def has_left(self, rut: str, today: date) -> bool:
        """Whether that issuer's time as an electronic one is over."""
        found = self._memory.row("SELECT fin FROM emisor WHERE rut = ?", rut)
        return bool(found and found["fin"] and found["fin"] < today.isoformat())

    def keep_taxpayer(self, said: Mapping[str, Any]) -> None:
        """A taxpayer's data, or with ``codigo`` the fault that asking for it gives."""
        self._memory.keep("contribuyente", rut=said["rut"], datos=json.dumps(said, ensure_ascii=False))

    def taxpayer(self, rut: str) -> Mapping[str, Any] | None:
        """What was kept of it."""
        found = self._memory.row("SELECT datos FROM contribuyente WHERE rut = ?", rut)
        return json.loads(found["datos"]) if found else None

    def keep_rate(self, said: Mapping[str, Any]) -> None:
        """What a currency closed at on a day."""
        self._memory.keep("cotizacion", moneda=said["moneda"], dia=said["dia"], valor=str(Decimal(str(said["valor"]))))

    def rate_before(self, moneda: str, dia: str) -> Decimal | None:
        """The last close before that day, within ten days; None when it is not known here."""
        earliest = (date.fromisoformat(dia) - timedelta(days=10)).isoformat()
        found = self._memory.row(
            "SELECT valor FROM cotizacion WHERE moneda = ? AND dia < ? AND dia >= ? ORDER BY dia DESC",
            moneda, dia, earliest,
        )  # fmt: skip
        return Decimal(found["valor"]) if found else None

    def setting(self, name: str) -> Any:
        """One of `DEFAULTS`, as it stands."""
        found = self._memory.row("SELECT valor FROM ajuste WHERE nombre = ?", name)
        return json.loads(found["valor"]) if found else DEFAULTS[name]

    def set(self, said: Mapping[str, Any]) -> None:
        """Change settings. Raises KeyError for one that there is not."""
        for name, value in said.items():
            if name not in DEFAULTS:
                raise KeyError(name)
            self._memory.keep("ajuste", nombre=name, valor=json.dumps(value))

    def settings(self) -> dict[str, Any]:
        """All of them."""
        return {name: self.setting(name) for name in DEFAULTS}

    def now(self, clock: datetime) -> datetime:
        """DGI's hour, which may be ahead of this machine's."""
        return (clock + timedelta(seconds=self.setting("adelanto"))).astimezone(ZONE)
