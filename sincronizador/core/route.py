"""
A job's whole life in two tables.

What becomes due after what is data; nobody else decides it. A crash and an unanswered request are the same event, an
intent with no outcome, and `HALF_DONE` says what to do with it.
"""

from collections.abc import Mapping

from sincronizador.core.job import Resume, Step

ROUTES: Mapping[str, Mapping[Step, tuple[Step, ...]]] = {
    "local": {
        Step.START: (Step.SIGN,),
        Step.SIGN: (Step.MIRROR, Step.REPRESENT, Step.HAND_OVER),
        Step.MIRROR: (Step.PRINT,),
        Step.HAND_OVER: (Step.FOLLOW,),
    },
    "nube": {
        Step.START: (Step.SUBMIT,),
        Step.SUBMIT: (Step.REPRESENT, Step.PRINT, Step.CONFIRM),
        Step.CONFIRM: (Step.FOLLOW,),
    },
    "contingencia": {
        Step.START: (Step.SIGN,),
        Step.SIGN: (Step.MIRROR, Step.REPRESENT, Step.HAND_OVER),
        Step.MIRROR: (Step.PRINT,),
        Step.HAND_OVER: (Step.FOLLOW,),
    },
    "papel": {
        Step.START: (Step.SIGN,),
        Step.SIGN: (Step.REPRESENT, Step.HAND_OVER),
        Step.HAND_OVER: (Step.FOLLOW,),
    },
    "firmado": {
        Step.START: (Step.MIRROR, Step.REPRESENT, Step.HAND_OVER),
        Step.MIRROR: (Step.PRINT,),
        Step.HAND_OVER: (Step.FOLLOW,),
    },
    "repetido": {Step.START: (Step.REPRESENT,)},
    "reimprimir": {Step.START: (Step.PRINT,)},
    "imprimir": {Step.START: (Step.PRINT,)},
    "cajon": {Step.START: (Step.PRINT,)},
    "retirar": {Step.START: ()},
    "validar": {Step.START: (Step.REPRESENT,)},
    "consulta": {Step.START: ()},
    "consulta_rut": {Step.START: (Step.LOOKUP,)},
    "lote": {Step.START: ()},
}
"""Route -> step -> the steps that become due when it is done."""

HALF_DONE: Mapping[Step, Resume] = {Step.PRINT: Resume.MARK}
"""Steps whose intent without outcome needs more than a repeat; SUBMIT is one where the cloud does not fence."""


def next_steps(route: str, done: Step) -> tuple[Step, ...]:
    """The steps that become due on `route` once `done` is done. Raises KeyError for a route nobody drew."""
    return ROUTES[route].get(done, ())
