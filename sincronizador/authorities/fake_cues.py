"""What DGI does when told to: answers, delays, silences, for the next request, sobre, document or report that fits."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sincronizador.authorities.fake_codes import GLOSAS, PERSONA, SERVICIO
from sincronizador.authorities.fake_memory import Memory

PLACES: Mapping[str, Mapping[str, frozenset[str]]] = {
    "servicio": {
        "filtro": frozenset({"operacion", "rut"}),
        "efecto": frozenset({"falla", "detalle", "silencio", "lento", "corte", "cerrar", "http", "firma", "cuando"}),
    },
    "sobre": {
        "filtro": frozenset({"rut", "id_emisor"}),
        "efecto": frozenset({"codigos", "detalle", "demora", "parcial"}),
    },
    "cfe": {
        "filtro": frozenset({"rut", "tipo", "serie", "numero"}),
        "efecto": frozenset({"codigos", "detalle", "estado"}),
    },
    "reporte": {
        "filtro": frozenset({"rut", "dia", "secuencia"}),
        "efecto": frozenset({"codigos", "detalle", "estado", "demora"}),
    },
}
"""Where a cue waits -> what it may look at and what it may do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cue:
    """One that fits."""

    id: int
    efecto: Mapping[str, Any]

    @property
    def codes(self) -> list[str]:
        """Codes of S, E, C or R."""
        return list(self.efecto.get("codigos", ()))

    @property
    def detail(self) -> str:
        """What is said beside the code."""
        return str(self.efecto.get("detalle", "a pedido"))

    @property
    def is_after(self) -> bool:
        """Whether the work is done first, and only the answer is spoiled."""
        return bool(self.efecto.get("cuando", "despues" if "corte" in self.efecto else "antes") == "despues")


class Cues:
    """They wait in order; each is used as often as it was told."""

    def __init__(self, memory: Memory) -> None:
        self._memory = memory

    def add(self, said: Mapping[str, Any]) -> int:
        """One more. Raises ValueError with a sentence for what makes no sense."""
        where, given = str(said.get("donde", "")), dict(said.get("filtro", {}))
        effect, times = dict(said.get("efecto", {})), said.get("veces", 1)
        if where not in PLACES:
            raise ValueError(f"«donde» debe ser uno de: {', '.join(PLACES)}")
        for what, keys in (("filtro", given), ("efecto", effect)):
            if strange := sorted(set(keys) - PLACES[where][what]):
                raise ValueError(f"«{what}» de «{where}» no conoce: {', '.join(strange)}")
        if not effect or not isinstance(times, int) or times < 0:
            raise ValueError("falta «efecto», o «veces» no es 0 (siempre) ni una cantidad")
        _check_codes(effect)
        return self._memory.write(
            "INSERT INTO guion (donde, filtro, efecto, quedan) VALUES (?, ?, ?, ?)",
            where, json.dumps(given), json.dumps(effect), times or None,
        )  # fmt: skip

    def remove(self, number: int | None = None) -> None:
        """One, or all."""
        self._memory.write("DELETE FROM guion WHERE ? IS NULL OR id = ?", number, number)

    def take(self, where: str, **facts: object) -> Cue | None:
        """The first that fits, used once more; None when none does."""
        with self._memory.transaction():
            for row in self._memory.rows(
                "SELECT * FROM guion WHERE donde = ? AND (quedan IS NULL OR quedan > 0) ORDER BY id", where
            ):
                wanted = json.loads(row["filtro"])
                if all(str(facts.get(name, "")) == str(value) for name, value in wanted.items()):
                    self._memory.write(
                        "UPDATE guion SET quedan = quedan - 1, usado = usado + 1 WHERE id = ?", row["id"]
                    )
                    return Cue(id=row["id"], efecto=json.loads(row["efecto"]))
        return None

    def listed(self) -> list[dict[str, Any]]:
        """All of them, also used up ones."""
        return [
            {
                "id": row["id"], "donde": row["donde"], "filtro": json.loads(row["filtro"]),
                "efecto": json.loads(row["efecto"]), "quedan": row["quedan"], "usado": row["usado"],
            }
            for row in self._memory.rows("SELECT * FROM guion ORDER BY id")
        ]  # fmt: skip


def _check_codes(effect: Mapping[str, Any]) -> None:
    if unknown := [code for code in effect.get("codigos", ()) if code not in GLOSAS]:
        raise ValueError(f"DGI no tiene los códigos: {', '.join(map(str, unknown))}")
    if "falla" in effect and effect["falla"] not in SERVICIO and effect["falla"] not in PERSONA:
        raise ValueError(f"ningún servicio de DGI tiene la falla {effect['falla']}")
