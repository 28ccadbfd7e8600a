"""``python -m sincronizador``."""

from sincronizador.cli import main

main(prog_name="sincronizador")
