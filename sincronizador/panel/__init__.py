"""
Roof: the panel, a process of its own beside the daemon: pages for people, and the HTTP door for systems.

It never harms the daemon: it reads the journal, places orders, drops files into the inbox, and goes on when the daemon
is stopped or there is no journal yet.

How a page is made (`site.py` has all of it):

- A module of pages has a list ``ROUTES``, which `app.py` adds up. Endpoints are plain functions
  ``(request) -> Response`` (not ``async``): Starlette runs them in one of a few threads.
- ``site = site_of(request)``; ``with site.reading() as db:`` is the journal, read-only, for this request. It raises
  `NeedsOperator` without one: whoever does not catch it gives the page ``problema.html`` with the sentence (503).
- ``site.page(request, "cola.html", **facts)`` renders ``templates/cola.html``, autoescaped. Every template has besides:
  ``request``, ``token`` (see below), ``settings``, ``version``, ``entered`` (somebody logged in: show «Salir»).
- ``site.order("reintentar", {"que": ...})`` is what the command line does: a row of ``orders`` and the daemon's
  sentence. Raises `Rejected` (its sentence), `Unavailable` (the daemon is stopped, or does not answer).
- ``site.is_alive()``: whether the daemon's heart beats.
- Everything that changes something is a POST of a form (urlencoded) with ``<input type="hidden" name="token"
  value="{{ token }}">``, or a fetch with the header ``X-Sincronizador-Token``. `guard.py` refuses the rest before any
  page sees it. In the page: ``site.form(request)`` gives the fields.
- Scripts, styles and pictures come from ``static/`` only (``/static/...``): the policy of content allows nothing
  inline, no ``style=`` and no ``onclick=``. Pictures of documents come from routes of the panel itself.
"""
