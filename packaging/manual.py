"""``man sincronizador``: the commands as they say themselves with --help, so that the page cannot fall behind."""

from collections.abc import Iterator

import click

from sincronizador.cli import COMMANDS, main

_HEAD = """\
.TH SINCRONIZADOR 8 "" "sincronizador {version}" "Manual de sistemas"
.SH NOMBRE
sincronizador \\- comprobantes fiscales electrónicos de cualquier sistema de facturación
.SH SINOPSIS
.B sincronizador
.RI [ --config\\ TOML ]\\  ORDEN \\ [ OPCIONES ]
.SH DESCRIPCIÓN
Un servicio toma los archivos que deja un sistema de facturación, los numera, los firma, los imprime y contesta con otro
archivo. Con las órdenes se lo instala, se lo mira y se lo corrige.
.PP
Sin \\fB--config\\fR se usa lo que diga la variable SINCRONIZADOR_CONFIG; si no, /etc/sincronizador/sincronizador.toml.
"""
_TAIL = """\
.SH SERVICIOS
.TP
.B sincronizador.service
El de esta máquina, con /etc/sincronizador/sincronizador.toml. No trabaja mientras ese archivo no exista.
.TP
.B sincronizador@EMPRESA.service
Uno por empresa, con /etc/sincronizador/EMPRESA.toml y /var/lib/sincronizador/EMPRESA.
.TP
.B sincronizador-nube.service
La nube propia, con /etc/sincronizador/nube.toml.
.TP
.B sincronizador-panel.service
El panel.
.PP
\\fBsystemctl reload sincronizador\\fR toma la configuración nueva sin perder lo que está en curso.
.SH ARCHIVOS
.TP
.I /etc/sincronizador
La configuración.
.TP
.I /var/spool/sincronizador
Las carpetas de trabajo, para el grupo \\fBsincronizador\\fR.
.TP
.I /var/lib/sincronizador
El diario: lo que se emitió. No lo borra nadie.
.TP
.I /usr/share/sincronizador/ejemplos
Configuraciones comentadas.
.SH "ESTADO DE SALIDA"
0 hecho; 1 un comprobante rechazado; 2 mal escrito; 69 no disponible; 75 más tarde; 78 configuración.
"""


def page(version: str) -> str:
    """The page in troff."""
    lines = [_HEAD.format(version=version), ".SH ÓRDENES\n"]
    context = click.Context(main, info_name="sincronizador")
    for name in COMMANDS:
        command = main.get_command(context, name)
        if command is not None:
            lines += _entry(command, context, name)
    return "".join([*lines, _TAIL])


def _entry(command: click.Command, parent: click.Context, name: str) -> Iterator[str]:
    context = click.Context(command, info_name=name, parent=parent)
    arguments = [
        piece for one in command.params if isinstance(one, click.Argument) for piece in one.get_usage_pieces(context)
    ]
    yield f'.SS "{_plain(" ".join([context.command_path.removeprefix("sincronizador "), *arguments]))}"\n'
    yield f"{_plain(command.help or '')}\n"
    for parameter in command.get_params(context):
        record = parameter.get_help_record(context)
        if record and record[1] and "--help" not in record[0]:
            yield f".TP\n.B {_plain(record[0])}\n{_plain(record[1])}\n"
    if isinstance(command, click.Group):
        for below in command.list_commands(context):
            found = command.get_command(context, below)
            if found is not None and not found.hidden:
                yield from _entry(found, context, below)


def _plain(text: str) -> str:
    """One line that troff takes as it is."""
    line = (
        " ".join(text.split())
        .replace("[required]", "[obligatorio]")
        .replace("\\", "\\e")
        .replace("-", "\\-")
        .replace('"', "\\(dq")
    )
    return f"\\&{line}" if line.startswith((".", "'")) else line
