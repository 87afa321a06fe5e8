// The seat map: kept up to date by what changed, chosen from by pointer or keyboard. What is chosen is
// sent by a form like that of the page without scripts, and only the server holds seats.

import { House } from "./house.js";

const second = 1000;
const look_span = 3 * second;
// What is not answered in time is asked again.
const patience = 10 * second;
// Looking at the map is a sign of life. Who left it open and went away must not keep others waiting.
const attention_span = 60 * second;
const states = { a: "free", h: "in a basket", p: "in a basket", s: "sold", w: "not on sale" };
const directions = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const stale = "The map may be out of date: we cannot reach the shop at the moment.";

const form = document.getElementById("map");
const frame = document.getElementById("house");
const said = document.getElementById("said");
const closer = document.getElementById("closer");
const chosen = new Set();
let house = null;
let version = null;
let acted_at = performance.now();

function say(text) {
  if (said.textContent !== text) said.textContent = text;
}

function show(at) {
  const { letter, yours } = house.seats[at];
  if (yours) house.show(at, "chosen", false, "in your basket");
  else if (chosen.has(at)) house.show(at, "chosen", true, "chosen by you");
  else house.show(at, letter === "a" ? "free" : "taken", false, states[letter] ?? "not on sale");
}

// The chosen seats in words, each with the field that asks for it.
function show_chosen() {
  const lines = [...chosen].map((at) => {
    const line = document.createElement("li");
    const field = { type: "hidden", name: "seat", value: house.seats[at].id };
    line.append(`${house.section(at)} ${house.name(at)}`.trim(), Object.assign(document.createElement("input"), field));
    return line;
  });
  document.getElementById("chosen").replaceChildren(...lines);
}

function choose(at) {
  const { letter, yours } = house.seats[at];
  const most = Number(form.dataset.most);
  if (yours) return say("This seat is in your basket already.");
  if (letter !== "a") return say(`${house.name(at)} is ${states[letter] ?? "not on sale"}. Please choose another.`);
  if (!chosen.delete(at)) {
    if (chosen.size >= most) return say(`You can choose ${most} at most. Give one back first.`);
    chosen.add(at);
  }
  show(at);
  show_chosen();
  return say(chosen.size === 1 ? "1 seat chosen." : `${chosen.size} seats chosen.`);
}

// Takes in subscripts and letters of seats that changed.
function take(changes) {
  const lost = [];
  for (const [at, letter] of changes) {
    if (!house.seats[at]) continue;
    house.seats[at].letter = letter;
    if (letter !== "a" && chosen.delete(at)) lost.push(house.name(at));
    show(at);
  }
  if (lost.length === 0) return;
  show_chosen();
  say(`Somebody else was faster and has just taken: ${lost.join("; ")}. Please choose another.`);
}

async function look() {
  const since = version === null ? "" : `?since=${version}`;
  const answer = await fetch(`/performances/${form.dataset.performance}/seats${since}`, { cache: "no-store", signal: AbortSignal.timeout(patience) });
  // The page itself says best what is the matter.
  if (answer.status === 409) return location.reload();
  if (!answer.ok) throw answer;
  const news = await answer.json();
  version = news.version;
  take(news.changes ?? [...news.seats].entries());
  if (said.textContent === stale) say("");
}

let looking = null;
function look_again() {
  if (document.hidden || performance.now() - acted_at > attention_span) return;
  looking ??= look().catch(() => say(stale)).finally(() => { looking = null; });
}

function come(near) {
  house.come(near);
  closer.textContent = near ? "Whole house" : "Closer";
}

function go_to(at) {
  house.focus(at);
  house.centre(at);
}

const seat_of = ({ target }) => Number(target.closest("[data-at]")?.dataset.at ?? NaN);

function on_click(click) {
  const at = seat_of(click);
  if (!house.close) {
    const near = Number.isNaN(at) ? house.nearest(click.clientX, click.clientY) : at;
    come(true);
    house.centre(near);
  } else if (!Number.isNaN(at)) {
    house.focus(at);
    choose(at);
  }
}

function on_key(press) {
  const at = seat_of(press);
  if (directions[press.key]) go_to(house.towards(at, directions[press.key]));
  else if (press.key === " " || press.key === "Enter") choose(at);
  else return;
  press.preventDefault();
}

// Whoever comes by keyboard looks closely at once.
function on_focus(focus) {
  if (!focus.target.matches(":focus-visible") || house.close) return;
  come(true);
  house.centre(seat_of(focus));
}

function on_submit(submit) {
  if (chosen.size > 0) return;
  submit.preventDefault();
  say("Choose a seat first.");
}

function listen() {
  // Not to the picture: a listener for focus would make it a stop of the Tab key.
  frame.addEventListener("click", on_click);
  frame.addEventListener("keydown", on_key);
  frame.addEventListener("focusin", on_focus);
  closer.addEventListener("click", () => come(frame.classList.contains("whole")));
  form.addEventListener("submit", on_submit);
  for (const act of ["pointermove", "pointerdown", "keydown"]) {
    addEventListener(act, () => { acted_at = performance.now(); }, { passive: true });
  }
  document.addEventListener("visibilitychange", look_again);
  setInterval(look_again, look_span);
}

async function begin() {
  const answer = await fetch(`/performances/${form.dataset.performance}/map`, { cache: "no-store" });
  if (!answer.ok) return;
  house = new House(frame, await answer.json());
  await look();
  house.explain(document.getElementById("legend"));
  listen();
  document.getElementById("sections").hidden = true;
  form.hidden = false;
}

// Without a map the links to the sections stay.
if (form) begin().catch(() => { form.hidden = true; });
