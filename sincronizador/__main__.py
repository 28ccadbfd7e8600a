"""``python -m sincronizador``."""

from sincronizador.cli import main

main()
