"""The machine's clock: what it shows, how long it really was, and whether somebody keeps it right."""

from datetime import datetime

from sincronizador import kernel_clock, native
from sincronizador.countries.door import Country


class SystemClock:
    """The machine's clock in a country's zone."""

    def __init__(self, country: Country) -> None:
        self._zone = country.zone

    def now(self) -> datetime:
        """Now."""
        return datetime.now(self._zone)

    def steady(self) -> float:
        """Seconds since the machine was switched on, its sleep included."""
        return native.steady()

    def is_synchronised(self) -> bool:
        """Whether the kernel's clock is disciplined (NTP), and it is the kernel's clock that we are shown."""
        return kernel_clock.is_synchronised()
