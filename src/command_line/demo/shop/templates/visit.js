"use strict";
// Without a basket a visit ends when nothing is heard of the visitor for a while. Every page that the
// shop answers is a sign of life. This warns well before, and never makes one by itself: who went
// away must not keep others waiting. The server decides when a visit is over, not this clock.

const second = 1000;
const minute = 60 * second;
const patience = 10 * second;
const over = "Nothing was heard of you for a while, so your visit may have ended.";

const note = document.getElementById("visit");
const said = document.getElementById("ends");
const left = document.getElementById("ends-in");
const stay = document.getElementById("stay");
const span = Number(note?.dataset.spanMs);
const soon = Math.min(minute, span / 2);
const title = document.title;
// A clock that nobody sets, unlike the wall's.
let heard_at = performance.now();
let state = "";

// Said once each, not every second.
function say(now, text) {
  if (state === now) return;
  state = now;
  said.textContent = text;
  note.hidden = now === "";
  document.title = now === "" ? title : `Still there? ${title}`;
}

function show() {
  const left_ms = span - (performance.now() - heard_at);
  if (left_ms > soon) say("", "");
  else if (left_ms > 0) say("soon", "Are you still there? Your basket is empty, so your visit ends soon.");
  else say("over", over);
  const seconds = Math.max(0, Math.ceil(left_ms / second));
  left.textContent = left_ms > 0 ? `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}` : "";
}

function heard() {
  heard_at = performance.now();
  show();
}

async function go_on() {
  const answer = await fetch("/visit", { cache: "no-store", signal: AbortSignal.timeout(patience) });
  // The page itself says best what is the matter.
  if (answer.ok) heard();
  else location.reload();
}

if (note) {
  show();
  setInterval(show, second);
  stay.addEventListener("click", () => go_on().catch(() => say("slow", "We cannot reach our system at the moment. Please try again.")));
  // Another script of the page asked the shop for something.
  addEventListener("heard", heard);
}
