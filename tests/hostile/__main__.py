"""The long form: every target in turn, for as many minutes as are asked for, in all. ``make hostil``."""

import os
import sys
import time
from pathlib import Path

sys.path.insert(1, str(Path(__file__).resolve().parents[1]))

from hunt import Hunt, hunt, name_of
from targets import TARGETS


def main() -> int:
    """Hunt; exit code 1 when anything was found. Arguments: names of targets, all without."""
    minutes = float(os.environ.get("HOSTIL", "10"))
    seed = int(os.environ.get("HOSTIL_SEMILLA", str(time.time_ns() % 1_000_000)))
    wanted = [target for target in TARGETS if not sys.argv[1:] or target.name in sys.argv[1:]]
    print(f"semilla {seed}, {minutes:g} minutos, {len(wanted)} entradas")
    print(f"{'entrada':26}{'ejecuciones':>12}{'por segundo':>12}{'líneas':>8}{'corpus':>8}{'hallazgos':>10}")
    total, found = 0, 0
    for target in wanted:
        done = hunt(target, seconds=minutes * 60 / len(wanted), seed=seed)
        total, found = total + done.executions, found + len(done.findings)
        pace = done.executions / max(done.seconds, 0.001)
        row = f"{target.name:26}{done.executions:>12}{pace:>12.0f}{done.lines:>8}{done.corpus:>8}"
        print(f"{row}{len(done.findings):>10}", flush=True)
        _keep(done)
    print(f"{'en total':26}{total:>12}{'':>28}{found:>10}")
    return int(found > 0)


def _keep(done: Hunt) -> None:
    folder = Path(os.environ.get("HOSTIL_SALIDA", "hostil"))
    for finding in done.findings.values():
        path = folder / done.target.name / name_of(finding)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(finding.content)
        path.with_suffix(".txt").write_text(finding.trace)
        print(f"    {finding.what}: {path}")


if __name__ == "__main__":
    sys.exit(main())
