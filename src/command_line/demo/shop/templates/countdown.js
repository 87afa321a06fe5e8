"use strict";
// The time of a basket between two answers of the shop. The server's time counts: it stands still
// while it cannot serve, operators can stop it and add to it. So this asks again and again while the
// page is looked at, and never decides that a basket is over: it goes and asks what became of it.

const second = 1000;
const ask_span = 2 * second;
const patience = 10 * second;
// Said aloud once each, when so much is left.
const warnings = [[10 * second, "Less than ten seconds left."], [60 * second, "Less than a minute left."]];
const slow = "We cannot reach our system at the moment. While it cannot serve you, your time stands still.";

const note = document.getElementById("countdown");
const said = document.getElementById("said");
let left_ms = Number(note?.dataset.leftMs);
let runs = note?.dataset.runs === "yes";
// A clock that nobody sets, unlike the wall's.
let known_at = performance.now();
let warned_ms = Infinity;

function say(text) {
  if (said.textContent !== text) said.textContent = text;
}

function now_left() {
  return Math.max(0, left_ms - (runs ? performance.now() - known_at : 0));
}

function show() {
  const left = now_left();
  const whole = Math.floor(left / second);
  const [minutes, seconds] = [Math.floor(whole / 60), whole % 60];
  const parts = [minutes && `${minutes} min`, (seconds || !minutes) && `${seconds} s`];
  document.getElementById("left").textContent = parts.filter(Boolean).join(" ");
  document.getElementById("until").textContent = runs ? "" : ". Your time stands still at the moment";
  const warning = warnings.find(([ms]) => left < ms);
  note.classList.toggle("soon", warning !== undefined);
  if (warning && warning[0] < warned_ms) say(warning[1]);
  warned_ms = warning ? warning[0] : Infinity;
  return left;
}

async function ask(signal) {
  const path = `/baskets/${note.dataset.basket}`;
  const answer = await fetch(`${path}/time`, { cache: "no-store", signal });
  if (answer.status === 409) return location.assign(path);
  if (!answer.ok) throw answer;
  const time = await answer.json();
  if (!time.live) return location.assign(path);
  if (time.runs !== runs) say(time.runs ? "Your time runs again." : "Your time stands still at the moment.");
  [left_ms, runs, known_at] = [time.left_ms, time.runs, performance.now()];
  if (said.textContent === slow) say("");
  show();
}

// One question at a time. What was asked before a telephone fell asleep may never be answered: who
// wakes asks anew.
let asking = null;
function look(anew = false) {
  if (document.hidden || (asking && !anew)) return;
  asking?.abort();
  const mine = new AbortController();
  asking = mine;
  const ends = setTimeout(() => mine.abort(), patience);
  ask(mine.signal).catch(() => { if (asking === mine) say(slow); }).finally(() => {
    clearTimeout(ends);
    if (asking === mine) asking = null;
  });
}

if (note) {
  show();
  setInterval(() => { if (show() === 0) look(); }, second);
  setInterval(() => look(), ask_span);
  document.addEventListener("visibilitychange", () => look(true));
  addEventListener("pageshow", () => look(true));
}
