"""
`make bench`: how long a dropped file waits for its answer, from outside, with every fsync on.

Prepares installations with `demo --preparar` and a printer on TCP that takes and confirms all, runs the daemon (and the
cloud), drops files and polls for their answers. Prints one table a part; no figure fails the run. ``BENCH_ONE``,
``BENCH_BURST``, ``BENCH_ONLINE_ONE``, ``BENCH_ONLINE_BURST``, ``BENCH_CLOUD``, ``BENCH_PAPER`` and ``BENCH_A4`` set the
sizes. Arguments choose parts.
"""

import os
import sys

import a4
import alone
import local
import lotes
import online
import paper

PARTS = {
    "local": local.report,
    "online": online.report,
    "alone": alone.report,
    "lotes": lotes.report,
    "paper": paper.report,
    "a4": a4.report,
}


def main() -> None:
    """Measure and print."""
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")
    for part in sys.argv[1:] or PARTS:
        print(f"\n{PARTS[part]()}", flush=True)


if __name__ == "__main__":
    main()
