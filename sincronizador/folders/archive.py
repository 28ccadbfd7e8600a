"""Where a dropped file ends: beside the copy of its answer, unchanged, never over another."""

import os
from datetime import date

from sincronizador import files
from sincronizador.folders.layout import Layout


def archive(layout: Layout, claimed: str, *, day: date, refused: bool) -> str:
    """
    Move a claimed file to ``procesados/AAAA-MM-DD/`` or ``rechazados/AAAA-MM-DD/``; the path that it has there.

    May be repeated: what was moved already stays where it is. A claimed file that somebody removed is no error, the
    journal keeps its bytes. Writing the answer's copy beside it is what makes the move durable. Raises `NeedsOperator`.
    """
    folder = os.path.join(layout.rechazados if refused else layout.procesados, day.isoformat())
    files.make_folder(folder)
    try:
        return files.move_unique(os.path.join(layout.procesando, claimed), folder, claimed)
    except FileNotFoundError:
        return os.path.join(folder, claimed)
