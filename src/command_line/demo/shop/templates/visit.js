"use strict";
// A visit ends when nothing is heard of the visitor for a while. Every page that the shop answers is
// a sign of life. This warns well before, and never makes one by itself: who went away must not keep
// others waiting. The server knows when the visit ends, also by what other tabs ask: so this asks it,
// silently, before it warns, and again and again while it does.

const second = 1000;
const ask_span = 5 * second;
const patience = 10 * second;
const soon = "Are you still there? Your visit ends soon.";
const stays = "You stay in the shop.";
const slow = "We cannot reach our system at the moment. Please try again.";

const note = document.getElementById("visit");
const said = document.getElementById("ends");
const still = document.getElementById("still");
const title = document.title;
const soon_ms = Number(note?.dataset.soonMs);
let left_ms = Number(note?.dataset.leftMs);
let runs = note?.dataset.runs === "yes";
// A clock that nobody sets, unlike the wall's.
let known_at = performance.now();
let next_at = known_at + ask_span;
let asking = false;
let failed = false;

const now_left = () => Math.max(0, left_ms - (runs ? performance.now() - known_at : 0));

// Said once, not every second.
function say(text) {
  if (said.textContent !== text) said.textContent = text;
}

function show(warns) {
  const seconds = Math.ceil(now_left() / second);
  document.getElementById("ends-in").textContent = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
  still.hidden = !warns;
  note.classList.toggle("note", warns);
  document.title = warns ? `Still there? ${title}` : title;
  if (!failed) say(warns ? soon : "");
}

/** Whether the visit goes on; fails without an answer. */
async function ask(method) {
  asking = true;
  next_at = performance.now() + ask_span * (0.75 + Math.random() / 2);
  try {
    const answer = await fetch("/visit", { method, cache: "no-store", signal: AbortSignal.timeout(patience) });
    // The page itself says best what is the matter.
    if (answer.status === 409) {
      location.reload();
      return false;
    }
    if (!answer.ok) throw answer;
    const visit = await answer.json();
    [left_ms, runs, known_at, failed] = [visit.left_ms, visit.runs, performance.now(), false];
    show(near());
    return true;
  } finally {
    asking = false;
  }
}

const near = () => runs && now_left() < soon_ms;

// Without an answer what was heard last counts: too early a warning does no harm.
function look() {
  if (!asking) ask("GET").catch(() => { if (near()) show(true); });
}

function tick() {
  if (!still.hidden) show(true);
  if ((near() || !runs || !still.hidden) && performance.now() > next_at) look();
}

if (note) {
  setInterval(tick, second);
  document.getElementById("stay").addEventListener("click", () => {
    ask("POST").then((goes_on) => {
      if (!goes_on) return;
      // The button goes, and the focus with it.
      said.focus();
      say(stays);
    }).catch(() => { failed = true; say(slow); });
  });
  addEventListener("pageshow", (came) => { if (came.persisted) look(); });
}
