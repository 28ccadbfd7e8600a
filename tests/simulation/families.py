"""Which troubles a history has, by name."""

LINE = frozenset({"loss", "delay", "crash", "flip"})
FAMILIES = {
    "linea": LINE,
    "personas": LINE | {"people", "refuse", "printer", "reader"},
    "dos": LINE | {"two", "people", "notes"},
    "diario": LINE | {"restore", "people"},
    "espejo": LINE | {"restore", "mirror"},
    "otra_maquina": LINE | {"clone", "people"},
    "nube": LINE | {"cloudback", "people"},
    "dias": LINE | {"days", "clock", "scarce", "people"},
    "disco": LINE | {"disk", "reader", "printer"},
    "tardes": frozenset({"delay", "crash", "people", "refuse"}),
    "reservas": frozenset({"loss", "flip", "crash", "clock", "scarce"}),
    "papeles": LINE | {"notes", "lotes", "papers", "people"},
    "todo": LINE
    | {"people", "refuse", "printer", "reader", "two", "restore", "clone", "cloudback", "days", "clock"}
    | {"scarce", "disk", "notes", "lotes", "papers", "mirror"},
}  # fmt: skip
ELSEWHERE = {
    "local": frozenset({"crash", "people", "printer", "reader", "disk", "notes", "lotes", "days", "clock"}),
    "sin_cercas": frozenset({"loss", "crash", "people", "printer", "reader"}),
}
"""Without a cloud of ours: a machine that signs alone, and a provider that compares no attempts."""
ALL = FAMILIES | ELSEWHERE


ODDS = {
    "tardes": {"DELAYED": 0.2, "TWICE": 0.25},
    "reservas": {"close LOST": 0.6},
    "dias": {"close LOST": 0.5},
}
"""How often something goes wrong with a request, where a family has it more often than others."""


def family_of(seed):
    """The family of a seed whose family nobody names."""
    names = list(ALL)
    return names[seed % len(names)]
