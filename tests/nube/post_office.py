"""The ways to receivers in memory: a mail server and web services, and everything that may happen on the way."""

from collections import deque
from email import policy
from email.parser import BytesParser

from sincronizador.authorities.door import Fault
from sincronizador.countries.uy.received import take_apart
from sincronizador.errors import NeedsOperator, Refused, Unanswered, Unavailable

DOWN = "down"
LOST_REQUEST = "lost request"
LOST_ANSWER = "lost answer"
WAIT = "wait"
NO_SUCH = "no such address"
NOT_LET_IN = "not let in"
SENDER = "comprobantes@tienda.example"


class PostOffice:
    """What is sent meets what is `coming`, in order; then all goes well."""

    sender = SENDER

    def __init__(self):
        self.coming = deque()
        self.refused = set()
        """Addresses that do not exist."""
        self.mails = []
        """Every mail that was taken, as (recipient, bytes)."""
        self.tried = []
        """Every mail that somebody tried to hand over."""
        self.services = {}
        """Web service -> what it answers next, in order; then it takes everything."""
        self.taken = []
        """What web services took, as (address, verb, bytes)."""
        self.asked = []
        """Every try at a web service."""
        self.lost = 0
        """Answers that nobody heard."""
        self.witness = lambda signed: None
        """Sees every document that arrives."""

    def mail(self, message, recipient):
        now = self.coming.popleft() if self.coming else None
        self.tried.append((recipient, message))
        if now == DOWN:
            raise Unavailable("E3761", "No hay comunicación.")
        if now == NOT_LET_IN:
            raise NeedsOperator("E3763", "No acepta la contraseña.")
        if now == WAIT:
            raise Unavailable("E3764", "451 más tarde.")
        if now == NO_SUCH or recipient in self.refused:
            raise Refused("E3765", "550 no existe.")
        if now == LOST_REQUEST:
            raise Unanswered("E3762", "Sin respuesta.")
        self.mails.append((recipient, message))
        for part in self.read().iter_attachments():
            self._seen(part.get_content())
        self.lost += now == LOST_ANSWER
        if now == LOST_ANSWER:
            raise Unanswered("E3762", "Sin respuesta.")
        return f"250 Ok: {len(self.mails)}"

    def _seen(self, content):
        if b"<EnvioCFE_entreEmpresas" in content[:200]:
            for cfe in take_apart(content).cfes:
                self.witness(cfe.alone)
        elif content.startswith(b"<CFE "):
            self.witness(content)

    def exchange(self, published, identity):
        return _Service(self, published, identity.certificate.rut)

    def read(self, place=-1):
        """A mail as whoever gets it sees it."""
        return BytesParser(policy=policy.default).parsebytes(self.mails[place][1])


class _Service:
    def __init__(self, office, address, rut):
        self.office, self.address, self.rut = office, address, rut

    def send_sobre(self, sobre):
        return self._take("sobre", sobre)

    def send_rechazos(self, rechazos):
        return self._take("rechazos", rechazos)

    def _take(self, verb, content):
        office = self.office
        office.asked.append((self.address, verb, content))
        coming = office.services.get(self.address)
        now = coming.popleft() if coming else None
        if now == DOWN:
            raise Unavailable("E3706", "No hay comunicación.")
        if now == LOST_REQUEST:
            raise Unanswered("E3707", "Sin respuesta.")
        if isinstance(now, Fault):
            return now
        office.taken.append((self.address, verb, content))
        office._seen(content)
        if now == LOST_ANSWER:
            raise Unanswered("E3707", "Sin respuesta.")
        return None
