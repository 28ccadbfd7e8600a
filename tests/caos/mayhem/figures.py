"""The figures of a run: a table for people, JSON for whoever compares."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from mayhem import judgement
from mayhem.outcome import Outcome

Table = Mapping[str, Mapping[str, Any]]


def of(seen: Outcome) -> Table:
    """Counted from what is seen from outside."""
    last = {key: versions[-1].answer for key, versions in seen.versions.items() if versions}
    fates: Counter[str] = Counter()
    for cae in seen.numbers.get("numbers", ()):
        fates.update({fate: count for fate, count in cae["totals"].items() if fate != "free" and count})
    waited = sorted(seconds for _, seconds in judgement.waits(seen))
    kills = {what: count for what, count in seen.faults.items() if what.startswith(("kill", "SIG"))}
    return {
        "archivos": {"total": len(seen.dropped), **_sorted(Counter(one.kind for one in seen.dropped))},
        "golpes": {"total": sum(kills.values()), **_sorted(kills)},
        "arranques": {name: len(lives) for name, lives in seen.lives.items()},
        "fallas": _sorted({what: count for what, count in seen.faults.items() if what not in kills}),
        "pedidos repetidos": {str(status): count for status, count in sorted(seen.repeated.items())},
        "comprobantes": {
            "total": len(judgement.told(seen)[1]),
            **_sorted(Counter(one.signed_by for one in seen.kept if one.state != "voided")),
            **_sorted(Counter(f"nube {one.state}" for one in seen.kept)),
        },
        "números": dict(fates),
        "respuestas": _sorted(Counter(answer["ESTADO"] for answer in last.values())),
        "papeles": {
            "originales": sum(sheet.whole and not sheet.copy for sheet in seen.sheets),
            "copias": sum(sheet.whole and sheet.copy for sheet in seen.sheets),
            "cortados o tragados": sum(not sheet.whole for sheet in seen.sheets),
            **_sorted(Counter(f"IMPRESION {answer['IMPRESION']}" for answer in last.values() if answer["IMPRESION"])),
        },
        "segundos": {
            "hasta que todo quedó quieto": round(seen.settled, 1),
            "espera más larga de una decisión": round(waited[-1], 1) if waited else None,
            "procesos por procesador, lo peor": round(seen.crowd, 1),
            "en que la máquina no dejó trabajar": round(sum(end - start for start, end in seen.stalls), 1),
            "espera del medio": round(waited[len(waited) // 2], 2) if waited else None,
        },
    }


def told(tables: Mapping[str, Table]) -> str:
    """A table to read; a column for each shop would be wide, so one after the other."""
    lines = []
    for name, table in tables.items():
        lines.append(f"== {name}")
        for heading, rows in table.items():
            lines.append(f"  {heading}")
            lines += [f"    {what:<40} {count:>8}" for what, count in rows.items() if count is not None]
    return "\n".join(lines)


def write(
    path: Path, seed: int, seconds: float, tables: Mapping[str, Table], faults: Sequence[tuple[str, str]]
) -> None:
    """As JSON."""
    found = {"semilla": seed, "segundos": seconds, "tiendas": tables, "faltas": [list(fault) for fault in faults]}
    path.write_text(json.dumps(found, ensure_ascii=False, indent=1) + "\n", "utf-8")


def _sorted(counts: Mapping[str, int]) -> dict[str, int]:
    return dict(sorted(counts.items(), key=lambda pair: (-pair[1], pair[0])))
