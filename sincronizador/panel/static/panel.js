// Brings the marked parts of a page up to date when the panel says that something changed, and keys to move about.
"use strict";

const KEEPS_FOCUS = "input, select, textarea, [contenteditable]";
let stream = null;
let busy = false;
let again = false;

function isInUse(part) {
  const active = document.activeElement;
  const selected = document.getSelection();
  return part.querySelector("details.con-motivo[open]") !== null
    || (part.contains(active) && active.matches(KEEPS_FOCUS))
    || (!selected.isCollapsed && part.contains(selected.anchorNode));
}

function focusedPlace(part) {
  const able = [...part.querySelectorAll("a, button, summary")];
  return able.indexOf(document.activeElement);
}

function replace(old, fresh) {
  if (old.outerHTML === fresh.outerHTML || isInUse(old)) return;
  const place = focusedPlace(old);
  const open = [...old.querySelectorAll("details")].map((one) => one.open);
  fresh.querySelectorAll("details").forEach((one, number) => { one.open = one.open || Boolean(open[number]); });
  if (old.hasAttribute("aria-live") && old.textContent !== fresh.textContent && old.className === fresh.className) {
    old.innerHTML = fresh.innerHTML;  // The same element: only so is the change read aloud.
  } else if (old.textContent !== fresh.textContent || old.innerHTML !== fresh.innerHTML || old.className !== fresh.className) {
    old.replaceWith(fresh);
  }
  if (place >= 0) fresh.querySelectorAll("a, button, summary")[place]?.focus();
}

async function refresh() {
  if (busy) { again = true; return; }
  busy = true;
  try {
    const answer = await fetch(location.href, { headers: { "X-Vivo": "1" }, credentials: "same-origin" });
    if (!answer.ok) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    document.querySelectorAll("[data-vivo]").forEach((old) => {
      const fresh = page.querySelector(`[data-vivo="${CSS.escape(old.dataset.vivo)}"]`);
      if (fresh) replace(old, document.importNode(fresh, true));
    });
  } catch { /* The panel is being started again: the stream comes back by itself. */ } finally {
    busy = false;
    if (again) { again = false; setTimeout(refresh, 1000); }
  }
}

function listen() {
  if (stream || document.hidden || !window.EventSource) return;
  stream = new EventSource("/eventos");
  stream.onopen = () => { document.getElementById("vivo").textContent = "Esta página se actualiza sola."; };
  stream.onmessage = refresh;
  stream.onerror = () => { document.getElementById("vivo").textContent = "El panel no contesta: lo que se ve puede ser viejo."; };
}

// A browser holds few connections to one place: a page that nobody sees lets its own go.
document.addEventListener("visibilitychange", () => {
  if (document.hidden) { stream?.close(); stream = null; } else { listen(); refresh(); }
});
addEventListener("pagehide", () => { stream?.close(); stream = null; });
addEventListener("pageshow", (event) => { if (event.persisted) { listen(); refresh(); } });

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey || event.target.matches(KEEPS_FOCUS)) return;
  if (event.key === "/") {
    event.preventDefault();
    document.querySelector("[data-busca]")?.focus();
  } else if (/^[0-9]$/.test(event.key)) {
    document.querySelector(`[data-tecla="${event.key}"]`)?.click();
  }
});
listen();
