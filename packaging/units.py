"""The units of several issuers on one machine, made of those of one: `sincronizador@.service`."""

import re


def several(name: str, unit: str) -> tuple[str, str]:
    """
    Name and text of the template unit: an instance has its settings file and its folder of state.

    ``sincronizador@almacen`` reads ``/etc/sincronizador/almacen.toml``; the cloud's instances ``nube-NAME.toml``.
    """
    made = re.sub(r"/etc/sincronizador/sincronizador\.toml", "/etc/sincronizador/%i.toml", unit)
    made = re.sub(r"/etc/sincronizador/nube\.toml", "/etc/sincronizador/nube-%i.toml", made)
    made = re.sub(r"^(StateDirectory=\S+)$", r"\1/%i", made, flags=re.MULTILINE)
    made = re.sub(r"^(Description=.*)$", r"\1 (%i)", made, flags=re.MULTILINE)
    return name.replace(".service", "@.service"), made
