// One performance as it is now: its counts, and its seat map, on which seats are chosen. What becomes
// of them is asked by a form like that of the page without this script; only the server decides.

const map = document.querySelector("#map");
const counts = document.querySelector("[data-counts]");
const link = document.querySelector("[data-link]");
const clock = new Intl.DateTimeFormat(undefined, { timeStyle: "medium", hourCycle: "h23" });
const number = new Intl.NumberFormat(document.documentElement.lang);
const span = 2000;
const pause = 300;
// A canvas has no words of its own.
const directions = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

const find = (selector) => map?.querySelector(selector);
const canvas = find("canvas");
const about = find("[data-about]");
const basket = find("[data-basket]");
const form = find("[data-choice]");
const rectangle = find("[data-rectangle]");
const legend = new Map();
for (const line of map?.querySelectorAll("[data-letter]") ?? []) {
  const tally = document.createElement("span");
  legend.set(line.dataset.letter, { words: line.textContent.trim(), path: line.querySelector("path"), tally });
  line.append(": ", tally);
}

let seats = null;
let version = null;
let waiting;

async function ask(url) {
  const answer = await fetch(url, { cache: "no-store" });
  // Whoever is signed out is led to the door, and so is the page.
  if (answer.redirected || answer.status === 401) {
    location.reload();
    return new Promise(() => {});
  }
  if (!answer.ok) throw answer;
  return answer;
}

function ranges(numbers) {
  const runs = [];
  for (const at of numbers) {
    if (runs.at(-1)?.[1] === at - 1) runs.at(-1)[1] = at;
    else runs.push([at, at]);
  }
  return runs.map(([first, last]) => (first === last ? first : `${first}-${last}`)).join(",");
}

function read(text) {
  return text.split(",").filter(Boolean).flatMap((run) => {
    const [first, last = first] = run.split("-").map(Number);
    return Array.from({ length: last - first + 1 }, (_, step) => first + step);
  });
}

/** How many of these seats are in which state, in the words of the legend. */
function told(chosen) {
  const tallies = new Map();
  for (const at of chosen) tallies.set(seats.letter(at), (tallies.get(seats.letter(at)) ?? 0) + 1);
  const known = [...legend].filter(([letter]) => tallies.has(letter));
  return known.map(([letter, { words }]) => `${number.format(tallies.get(letter))} ${words}`).join(", ");
}

function showChoice() {
  if (!form) return;
  const { size } = seats.chosen;
  form.seats.value = ranges([...seats.chosen].sort((one, other) => one - other));
  const head = size === 1 ? "1 seat is chosen" : `${number.format(size)} seats are chosen`;
  form.querySelector("[data-count]").textContent = size ? `${head}: ${told(seats.chosen)}.` : "No seat is chosen.";
  for (const button of form.querySelectorAll("[name=to], [data-more=none]")) button.disabled = size === 0;
  for (const button of form.querySelectorAll("[data-more=row], [data-more=section]")) button.disabled = seats.cursor < 0;
}

/** Says what a seat is; asks who has it once somebody stays at it. */
function show(at, stays) {
  const letter = seats.letter(at);
  const mark = seats.chosen.has(at) ? ", chosen" : "";
  about.textContent = `${seats.name(at)}: ${legend.get(letter)?.words ?? "unknown"}${mark}`;
  clearTimeout(waiting);
  if (!stays) return;
  basket.hidden = true;
  if (!"hps".includes(letter)) return;
  waiting = setTimeout(async () => {
    const answer = await ask(`${map.dataset.owner}?seat=${at}`).catch(() => null);
    const owner = answer && (await answer.json()).basket;
    if (!owner || seats.cursor !== at) return;
    basket.href = map.dataset.find + owner;
    basket.textContent = `${letter === "s" ? "Order" : "Basket"} ${owner.slice(0, 8)}`;
    basket.hidden = false;
  }, pause);
}

function visit(at) {
  if (at < 0) return;
  seats.cursor = at;
  seats.reveal(at);
  seats.draw();
  show(at, true);
  showChoice();
}

function choose(some, chosen = true) {
  for (const at of some) seats.chosen[chosen ? "add" : "delete"](at);
  seats.draw();
  showChoice();
}

function toggle(at) {
  if (!form || at < 0) return;
  choose([at], !seats.chosen.has(at));
  show(at, true);
}

const more = {
  row: () => choose(seats.row(seats.cursor)),
  section: () => choose(seats.section(seats.cursor)),
  none: () => choose([...seats.chosen], false),
};
const zoom = { closer: () => seats.zoom(2), further: () => seats.zoom(0.5), whole: () => seats.fit() };
const keys = { "+": zoom.closer, "=": zoom.closer, "-": zoom.further, 0: zoom.whole };

function onKey(press) {
  if (press.ctrlKey || press.altKey || press.metaKey) return;
  const direction = directions[press.key];
  if (direction) {
    const from = seats.cursor;
    visit(from < 0 ? seats.middle() : seats.towards(from, direction));
    if (press.shiftKey && form) {
      choose([from, seats.cursor].filter((at) => at >= 0));
      show(seats.cursor, true);
    }
  } else if (press.key === " " || press.key === "Enter") {
    toggle(seats.cursor);
  } else if (press.key.toLowerCase() === "r" && form && seats.cursor >= 0) {
    more.row();
  } else if (keys[press.key]) {
    keys[press.key]();
  } else {
    return;
  }
  press.preventDefault();
}

/** Whether the next drag chooses a rectangle. */
function draw(next) {
  rectangle.ariaPressed = String(next);
  canvas.classList.toggle("drawing", next);
}

// Fingers and mice: a tap chooses, one pointer pans or draws a rectangle, two pinch.
const pointers = new Map();
let dragged = null;

function onDown(press) {
  canvas.setPointerCapture(press.pointerId);
  pointers.set(press.pointerId, [press.offsetX, press.offsetY]);
  const box = form && (press.shiftKey || rectangle.ariaPressed === "true");
  dragged = pointers.size === 1 ? { from: [press.offsetX, press.offsetY], far: false, box } : null;
}

function onMove(move) {
  const before = pointers.get(move.pointerId);
  const here = [move.offsetX, move.offsetY];
  if (!before) {
    const at = seats.at(...here);
    if (at >= 0 && at !== seats.cursor && move.pointerType === "mouse") show(at, false);
    return;
  }
  const other = [...pointers].find(([id]) => id !== move.pointerId)?.[1];
  pointers.set(move.pointerId, here);
  if (other) {
    const spread = ([x, y]) => Math.hypot(x - other[0], y - other[1]);
    seats.zoom(spread(here) / Math.max(1, spread(before)), [(here[0] + other[0]) / 2, (here[1] + other[1]) / 2]);
    return;
  }
  if (!dragged) return;
  dragged.far ||= Math.hypot(here[0] - dragged.from[0], here[1] - dragged.from[1]) > 6;
  if (!dragged.far) return;
  if (dragged.box) seats.draw([dragged.from, here]);
  else seats.pan(here[0] - before[0], here[1] - before[1]);
}

function onUp(press) {
  const here = [press.offsetX, press.offsetY];
  pointers.delete(press.pointerId);
  if (dragged && press.type === "pointerup") {
    if (dragged.far && dragged.box) {
      choose(seats.within(dragged.from, here));
      draw(false);
    } else if (!dragged.far) {
      const at = seats.at(...here);
      visit(at);
      toggle(at);
    }
  }
  dragged = null;
}

async function lookAtSeats() {
  const since = version === null ? "" : `?since=${version}`;
  const news = await (await ask(`${map.dataset.live}${since}`)).json();
  version = news.version;
  const changes = news.changes ?? [...news.seats].entries();
  if (!seats.take(changes)) return;
  seats.draw();
  for (const [letter, { tally }] of legend) tally.textContent = number.format(seats.tally(letter));
  if (seats.cursor >= 0) show(seats.cursor, true);
  showChoice();
}

async function lookAtCounts() {
  const part = document.createElement("template");
  part.innerHTML = await (await ask(counts.dataset.counts)).text();
  // One by one: what is scrolled aside, or has the focus, stays as it is.
  const figures = (root) => [...root.querySelectorAll("td, dd, p")];
  const [old, fresh] = [figures(counts), figures(part.content)];
  if (old.length !== fresh.length) counts.replaceChildren(part.content);
  else old.forEach((place, at) => { if (place.innerHTML !== fresh[at].innerHTML) place.innerHTML = fresh[at].innerHTML; });
}

async function follow() {
  if (!document.hidden) {
    try {
      await lookAtCounts();
      if (seats) await lookAtSeats();
      link.textContent = `Live, ${clock.format(new Date())}.`;
    } catch {
      link.textContent = "The connection is lost; these figures are old. Trying again.";
    }
  }
  setTimeout(follow, span);
}

function listen() {
  canvas.addEventListener("keydown", onKey);
  canvas.addEventListener("focus", () => { if (seats.cursor < 0) visit(seats.middle()); });
  canvas.addEventListener("pointerdown", onDown);
  canvas.addEventListener("pointermove", onMove);
  for (const end of ["pointerup", "pointercancel"]) canvas.addEventListener(end, onUp);
  canvas.addEventListener("wheel", (turn) => {
    if (!turn.ctrlKey) return;
    turn.preventDefault();
    seats.zoom(Math.exp(-turn.deltaY / 100), [turn.offsetX, turn.offsetY]);
  }, { passive: false });
  for (const button of map.querySelectorAll("[data-zoom]")) button.addEventListener("click", zoom[button.dataset.zoom]);
  for (const button of map.querySelectorAll("[data-more]")) button.addEventListener("click", more[button.dataset.more]);
  rectangle?.addEventListener("click", () => draw(rectangle.ariaPressed !== "true"));
  new ResizeObserver(() => seats.resize()).observe(canvas);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => seats.dress());
}

async function begin() {
  const [{ SeatMap }, plan] = await Promise.all([import(map.dataset.drawing), ask(map.dataset.plan)]);
  map.hidden = false;
  seats = new SeatMap(canvas, await plan.json(), new Map([...legend].map(([letter, { path }]) => [letter, path])));
  seats.chosen = new Set(read(map.dataset.chosen));
  listen();
  showChoice();
}

// Without a map the lists stay.
if (map) await begin().catch(() => { map.hidden = true; seats = null; });
follow();
