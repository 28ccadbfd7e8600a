"""What root makes for the service belongs to the service; of its settings, only to be read."""

import os
from typing import TYPE_CHECKING

from sincronizador import native

if TYPE_CHECKING:
    import pwd

SERVICE_USER = "sincronizador"
SERVICE_TOML = "/etc/sincronizador/sincronizador.toml"


def service_user() -> "pwd.struct_passwd | None":
    """The service's user, where root works on a machine that has it."""
    if not native.is_root():
        return None
    import pwd

    try:
        return pwd.getpwnam(SERVICE_USER)
    except KeyError:
        return None


def give(path: str, *, group: str = "", is_to_be_read: bool = False) -> None:
    """It is the service's, and of that group; what is only to be read stays root's."""
    if not native.is_root():
        return
    import grp

    user = service_user()
    gid = grp.getgrnam(group).gr_gid if group else user.pw_gid if user else -1
    os.chown(path, user.pw_uid if user and not is_to_be_read else -1, gid)


def make_folders(settings_toml: str, secrets: str) -> None:
    """The folder of the settings and the one of certificate and secrets. Raises `NeedsOperator` (E92xx)."""
    from sincronizador.files import make_folder

    home = os.path.dirname(settings_toml)
    make_folder(home, parents=True, mode=0o750 if settings_toml == SERVICE_TOML else 0o777)
    give(home, is_to_be_read=True)
    make_folder(secrets, parents=True, mode=0o750)
    give(secrets)


def make_working_folders(spool: str, folders: tuple[str, ...], journal: str, group: str = "") -> None:
    """Those that files are dropped into, for the group of who drops them, and the journal's. Raises `NeedsOperator`."""
    from sincronizador.files import make_folder

    for folder in (spool, *folders):
        make_folder(folder, parents=True)
        give(folder, group=group)
        if native.is_root():
            # Whoever drops files does it by the group, which what is made in there inherits.
            os.chmod(folder, 0o2770)  # noqa: S103
    home = os.path.dirname(journal)
    if not os.path.isdir(home):
        make_folder(home, parents=True, mode=0o750)
        give(home)
