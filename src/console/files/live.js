// Keeps the figures of a sale as they are: one stream, and curves that grow.
// Every sentence comes from the server; without this script the page is the same, and stands still.

const page = document.querySelector("main");
const list = document.querySelector("[data-live]");
const link = document.querySelector("[data-link]");
const health = document.querySelector("[data-health]");
const kept = document.querySelector("#points");
const number = new Intl.NumberFormat(document.documentElement.lang);
const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
const clock = new Intl.DateTimeFormat(undefined, { timeStyle: "medium", hourCycle: "h23" });
const hour = new Intl.DateTimeFormat(undefined, { timeStyle: "short", hourCycle: "h23" });

// Lines differ by these as well as by colour, which not everybody sees.
const dashes = [
  { canvas: [], border: "solid" },
  { canvas: [8, 3], border: "dashed" },
  { canvas: [2, 3], border: "dotted" },
];
const curves = {
  queue: [["waiting", "Waiting", 1]],
  shop: [["active", "In the shop", 1], ["called", "Called", 2], ["cap", "Cap", 3]],
  stock: [["available", "Available", 1], ["in_baskets", "In baskets", 2], ["sold", "Sold", 3]],
  rates: [["claims_per_minute", "Claims", 1], ["holds_per_minute", "Holds", 2], ["orders_per_minute", "Orders", 3]],
  crowding: [["crowding_percent", "Too late", 2]],
  times: [["answer_ms", "Answers", 1], ["append_ms", "Writes", 2]],
};
// A column for each curve, null where nothing is known.
const points = JSON.parse(kept.textContent);
const pointSpan = Number(kept.dataset.pointS);
const pointsMax = 2 * Number(kept.dataset.most);
const plots = [];
// A figure comes each second. A server that lost its power says no farewell.
const silenceMs = 5000;
let heardAt = new Date();
let silence;

const put = (element, text) => {
  if (element && element.textContent !== text) element.textContent = text;
};

function show(told) {
  for (const place of list.querySelectorAll("[data-figure]")) {
    const value = told.values[place.dataset.figure];
    put(place, typeof value === "number" ? number.format(value) : value ?? "–");
  }
  for (const place of document.querySelectorAll("[data-words]")) {
    put(place, told.words[place.dataset.words]);
  }
  // Said aloud only when the meaning changes.
  put(health, told.health.told);
  health.className = `health big ${told.health.mood}`;
  told.ages.forEach((count, at) => {
    put(document.querySelector(`[data-age-figure="${at}"]`), number.format(count));
    const bar = document.querySelector(`[data-age="${at}"]`);
    bar.max = Math.max(1, ...told.ages);
    bar.value = count;
  });
  put(link, `Live, ${clock.format(new Date(told.read_at))} (${zone})`);
  grow(told.values);
}

function hear(told) {
  heardAt = new Date();
  page.classList.remove("old");
  show(told);
  listen();
}

function listen() {
  clearTimeout(silence);
  silence = setTimeout(lose, silenceMs);
}

function lose() {
  put(health, `No connection since ${clock.format(heardAt)}: what stands here is old`);
  health.className = "health big bad";
  page.classList.add("old");
  put(link, "Trying again.");
}

function grow(now) {
  const newest = points.at_s.at(-1);
  if (newest && now.at_s - newest < pointSpan) return;
  for (const [name, column] of Object.entries(points)) {
    column.push(now[name] ?? null);
    if (column.length > pointsMax) column.shift();
  }
  for (const { plot, names } of plots) plot.setData(columns(names));
}

function columns(names) {
  return ["at_s", ...names].map((name) => points[name]);
}

function draw() {
  const ink = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  for (const { plot } of plots.splice(0)) plot.destroy();
  for (const place of document.querySelectorAll("[data-curve]")) {
    const series = curves[place.dataset.curve];
    const names = series.map(([name]) => name);
    const axis = { stroke: ink("--quiet"), grid: { stroke: ink("--line"), width: 1 }, ticks: { show: false } };
    const whole = place.dataset.unit !== "ms";
    const counts = (_, ticks) => {
      return ticks.map((tick) => (whole && !Number.isInteger(tick) ? "" : number.format(tick)));
    };
    const times = (_, ticks, __, ___, step) => ticks.map((tick) => (step < 60 ? clock : hour).format(tick * 1000));
    const options = {
      width: place.clientWidth,
      height: 240,
      padding: [8, 32, 0, 0],
      cursor: { drag: { x: false, y: false } },
      legend: { live: false, markers: { dash: (_, at) => dashes[at - 1]?.border } },
      scales: { y: { range: (_, __, most) => [0, Math.max(1, (most ?? 0) * 1.05)] } },
      axes: [{ ...axis, space: 80, size: 32, label: `Time, ${zone}`, labelSize: 20, values: times }, { ...axis, size: 64, label: place.dataset.unit, labelSize: 20, values: counts }],
      series: [{}, ...series.map(([, label, color], at) => ({
        label,
        stroke: ink(`--curve-${color}`),
        width: 2,
        dash: dashes[at].canvas,
        points: { show: false },
      }))],
    };
    plots.push({ plot: new uPlot(options, columns(names), place), names });
  }
}

function follow() {
  const stream = new EventSource(list.dataset.live);
  stream.addEventListener("now", (message) => hear(JSON.parse(message.data)));
  stream.addEventListener("out", () => location.reload());
  stream.addEventListener("error", () => {
    lose();
    // A browser gives up for good when an answer is no stream: the page itself says why.
    if (stream.readyState === EventSource.CLOSED) setTimeout(() => location.reload(), 5000);
  });
  listen();
}

draw();
follow();
let redraw;
addEventListener("resize", () => {
  clearTimeout(redraw);
  redraw = setTimeout(draw, 150);
});
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
