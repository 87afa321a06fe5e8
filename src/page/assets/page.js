"use strict";
// The page says everything without this. With it, the page goes on by itself: one tab of a browser
// asks for all of them. Every sentence comes from the server; the script only fills in figures.

const sale = document.body.dataset.sale;
const language = document.documentElement.lang;
const at = (id) => document.getElementById(id);
const now = () => at("now");
const figure = new Intl.NumberFormat(language);
const second = 1000;
const minute = 60 * second;

// Times are local, in the language of the page.
const forms = { day: { dateStyle: "medium", timeStyle: "short" }, time: { timeStyle: "short" } };
function showTimes() {
  for (const time of document.querySelectorAll("time")) {
    time.textContent = new Date(time.dateTime).toLocaleString(language, forms[time.dataset.form]);
  }
}

// Figures between two answers: names in braces are filled in.
function fill(id, figures) {
  const found = at(id);
  if (!found) return;
  let text = found.dataset.words ?? "{n}";
  for (const [name, value] of Object.entries(figures)) text = text.replace(`{${name}}`, figure.format(value));
  if (found.textContent !== text) found.textContent = text;
}

function showFigures(place) {
  if (place.position !== undefined) fill("position", { n: place.position });
  if (place.band) fill("band", place.band);
  if (place.progress_permille !== undefined) fill("progress", { percent: Math.floor(place.progress_permille / 10) });
  if (place.wait) fill("wait", { from: Math.floor(place.wait.from_ms / minute), to: Math.max(1, Math.ceil(place.wait.to_ms / minute)) });
}

// What a place means: when this changes, the server has other words for it.
const meaning = (place) => place && JSON.stringify([
  place.state, place.phase, place.calling, place.time_running, place.redirect, place.notice, place.opens_at,
  place.position === 0, place.wait === undefined, left_of(place) === undefined,
]);

// The live region is spoken when the meaning changes, else at most every 30 s.
const quiet_span = 30 * second;
let spoken_at = 0;
function speak(text) {
  spoken_at = Date.now();
  at("said").textContent = text;
}
function speakFigures() {
  if (document.hidden || Date.now() - spoken_at < quiet_span) return;
  const figures = [...document.querySelectorAll("#now dl div")].slice(1);
  const text = figures.map((one) => `${one.children[0].textContent}: ${one.children[1].textContent}`).join(". ");
  if (text && text !== at("said").textContent) speak(text);
}

// What is asked for ends after a while: a telephone that slept waits for what never comes.
const patience = 10 * second;
const open = new Set();
async function get(path, headers = {}) {
  const stop = new AbortController();
  const ends = setTimeout(() => stop.abort(), patience);
  open.add(stop);
  try {
    const answer = await fetch(path, { cache: "no-store", headers, signal: stop.signal });
    const header = (name) => answer.headers.get(name);
    return { status: answer.status, after: header("retry-after"), version: header("etag"), text: await answer.text() };
  } finally {
    clearTimeout(ends);
    open.delete(stop);
  }
}

// Where the visitor wanted to be goes along.
const carried = () => (now().dataset.to ? `&to=${encodeURIComponent(now().dataset.to)}` : "");

// Both parts of the page come in one answer, of one board and in the words of the server. What is
// wanted while one is on its way is asked for after it: no answer is older than the one before.
let shown = null;
let version = null;
let renewed_at = Date.now();
let renewing = null;
let after_it = null;
function renew(known) {
  if (renewing) return after_it ??= renewing.catch(() => {}).then(() => { after_it = null; return renew(); });
  renewing = both(known ? { "if-none-match": known } : {}).finally(() => { renewing = null; });
  return renewing;
}
async function both(headers) {
  renewed_at = Date.now();
  const answer = await get(`/${sale}?part=both&was=${now().dataset.scene}${carried()}`, headers);
  await press;
  if (answer.status === 200) put(answer);
  else if (answer.status !== 304) throw new Error(`the page: ${answer.status}`);
}

// A press counts only if it ends on the very button it began on: nothing is replaced in between, nor
// until its click has come, unless somebody's finger rests.
const press_span = 5 * second;
const click_span = second / 10;
let press = null;
let release = null;
let clicking = null;
for (const begins of ["pointerdown", "keydown"]) addEventListener(begins, () => {
  // One that begins before the last one's click has come goes on with it.
  clearTimeout(clicking);
  press ??= new Promise((done) => { release = done; setTimeout(done, press_span); }).then(() => { press = null; });
});
for (const ends of ["pointerup", "pointercancel", "keyup"]) addEventListener(ends, () => { clicking = setTimeout(() => release?.(), click_span); });

function put(answer) {
  const old = now();
  const [from, told] = [old.dataset.scene, news()];
  // What somebody opened stays as it is, a code to be read out or half a code typed in, unless it is
  // another question now.
  const opened = old.querySelectorAll("details[open]");
  const focus = old.contains(document.activeElement) ? document.activeElement.id : "";
  const parts = document.createElement("template");
  parts.innerHTML = answer.text;
  const [place, left] = parts.content.children;
  old.replaceWith(place);
  // Who reads the table keeps their place in it.
  if (answer.version !== version) at("left").replaceWith(left);
  version = answer.version;
  for (const one of opened) if (question(at(one.id)) === question(one)) at(one.id).replaceWith(one);
  settle();
  if (focus) at(focus)?.focus({ preventScroll: true });
  const fresh = unfigured(news()) === unfigured(told) ? "" : news();
  if (now().dataset.scene !== from) turn(from, fresh);
  else if (fresh) speak(fresh);
}
const question = (details) => details?.querySelector("summary").textContent;
// What operators say and what is true of the night. Another figure in it is no other meaning.
const news = () => [...document.querySelectorAll("#now > .notice:not([hidden]), #now > .aside")].map((one) => one.textContent).join(" ");
const unfigured = (text) => text.replaceAll(/[\d.,:\s]+/g, " ");

// After the page's own part is new.
function settle() {
  shown = now().dataset.place ? JSON.parse(now().dataset.place) : null;
  document.title = now().dataset.title;
  showTimes();
  offerReminders();
  countDown(shown);
}

function turn(from, fresh) {
  speak(`${at("scene").textContent} ${fresh}`.trim());
  if (now().dataset.scene === "called" && from !== "called") ring(at("scene").textContent);
}

// A claim and a visit count down here, and stand still while sale time does. A claim ends when it was
// said to; a visit may have been heard of in the shop since: so who warns of its end asks before, and
// again while it warns. Without an answer what was heard last counts.
let counting = null;
let warned = false;
const left_of = (place) => place?.claim_in_ms ?? place?.idle_in_ms;
function countDown(place) {
  clearInterval(counting);
  const known = left_of(place);
  const clock = at("claim") ?? at("idle");
  if (known === undefined || !clock) { warned = false; return; }
  const ends_at = performance.now() + known;
  const still = !place.time_running;
  const soon = clock.id === "claim" ? warning_span(known) : Number(clock.dataset.soonMs);
  let ask_at = known < soon ? Math.max(0, known - 5 * second) : soon;
  const tick = () => {
    const left = Math.max(0, still ? known : ends_at - performance.now());
    const seconds = Math.ceil(left / second);
    clock.textContent = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
    if (clock.id === "idle" && left <= ask_at) { ask_at = left === 0 ? -1 : 0; askWithin(second); }
    if (left >= soon) unwarn();
    else if (!still && (clock.id === "claim" || known < soon || failures > 0)) warn();
  };
  tick();
  if (!still) counting = setInterval(tick, second / 2);
}
// Well before the end: half a minute, or half of a short time.
let whole = 0;
function warning_span(left) {
  whole = Math.max(whole, left);
  return Math.min(30 * second, whole / 2);
}
function unwarn() {
  warned = false;
  if (at("warning")) at("warning").hidden = true;
}
function warn() {
  const warning = at("warning");
  if (!warning) return;
  warning.hidden = false;
  if (warned) return;
  warned = true;
  speak(warning.textContent);
  ring(warning.textContent);
}

// Who looks away is reached by sound and notification, if they asked for it.
let audio = null;
function chime() {
  if (!audio) return;
  [659, 784, 988].forEach((pitch, step) => {
    const tone = audio.createOscillator();
    const loudness = audio.createGain();
    const start = audio.currentTime + step * 0.22;
    tone.frequency.value = pitch;
    loudness.gain.setValueAtTime(0.0001, start);
    loudness.gain.exponentialRampToValueAtTime(0.3, start + 0.03);
    loudness.gain.exponentialRampToValueAtTime(0.0001, start + 0.5);
    tone.connect(loudness).connect(audio.destination);
    tone.start(start);
    tone.stop(start + 0.55);
  });
}
const may_notify = () => "Notification" in window && Notification.permission === "granted";
function ring(text) {
  chime();
  if (!may_notify() || !document.hidden || !leads) return;
  // Some telephones let only installed pages do this.
  try { new Notification(text, { body: document.title, tag: `turn-${sale}` }); } catch { /* The sound and the title remain. */ }
}
function offerReminders() {
  const remind = at("remind");
  if (!remind) return;
  const press = (button, on) => button.setAttribute("aria-pressed", String(on));
  remind.hidden = !("AudioContext" in window);
  press(at("sound"), audio !== null);
  at("sound").onclick = () => {
    if (audio) { audio.close(); audio = null; } else { audio = new AudioContext(); chime(); }
    press(at("sound"), audio !== null);
  };
  const notify = at("notify");
  notify.hidden = !("Notification" in window) || !isSecureContext || Notification.permission === "denied";
  press(notify, may_notify());
  notify.onclick = async () => { await Notification.requestPermission(); offerReminders(); };
}

// What is left, seldom and only while somebody looks.
const left_span = 10 * second;
async function refresh() {
  if (!document.hidden && Date.now() - renewed_at >= left_span) await renew(version);
}

// An answer about the place, asked by this tab or by the leading one.
async function hear(place) {
  heard_at = Date.now();
  found();
  if (meaning(place) !== meaning(shown)) return renew();
  shown = place;
  showFigures(place);
  countDown(place);
  speakFigures();
  return refresh();
}

// The board: a change of anything but its figures is a change of meaning.
const board_meaning = (head) => JSON.stringify([head.status, head.phase, head.opens_at, head.redirect, head.notice, head.time_running, head.queue.calling]);
let board = null;
function hearBoard(head) {
  const before = board;
  board = head;
  found();
  // At once; how much is left comes with the server's words.
  if (!head.time_running) clearInterval(counting);
  const stale = before ? board_meaning(before) !== board_meaning(head) : Number(now().dataset.version) < head.version;
  // Everybody hears at once: they ask within a second.
  if (stale) renewIn(before ? Math.random() * second : 0);
  else if (before) refresh().catch(lose);
}
// Once for all that is heard until then; and again until there is an answer.
let due = null;
function renewIn(span) {
  due ??= setTimeout(() => {
    due = null;
    renew().catch(() => { lose(); renewIn(backoff()); });
  }, span);
}

// No connection: the place is kept, and asking goes on, more and more slowly.
let failures = 0;
function lose() {
  failures += 1;
  if (failures > 1 || !navigator.onLine) at("lost").hidden = false;
}
function found() {
  failures = 0;
  at("lost").hidden = true;
}
const backoff = () => Math.min(30 * second, 2 ** Math.min(failures, 5) * second) * (0.75 + Math.random() / 2);

// Asking: one question at a time, and the next when the server says.
let leads = false;
let timer = null;
let asking = false;
let woken = false;
let heard_at = 0;
let first_after = 0;
async function ask() {
  clearTimeout(timer);
  if (asking || !leads || !shown) return;
  asking = true;
  let after = null;
  try {
    const answer = await get(`/v1/sales/${sale}/places/me`);
    if (answer.status === 200) {
      const place = JSON.parse(answer.text);
      tell({ place });
      await hear(place);
      after = place.poll_after_ms ?? null;
    } else if (answer.status === 401 || answer.status === 410) {
      // The place was given up in another tab, or went on on another device.
      await renew();
    } else {
      lose();
      after = Math.max(backoff(), Number(answer.after ?? 0) * second);
    }
  } catch {
    if (!woken) lose();
    after = woken ? 0 : backoff();
  }
  asking = woken = false;
  if (after !== null && leads) timer = setTimeout(ask, after);
}

// Whatever broke, broke for everybody: nobody asks at the same moment.
function askWithin(span) {
  clearTimeout(timer);
  timer = setTimeout(ask, Math.random() * span);
}

// The stream of the leading tab, while it is looked at.
let stream = null;
let again = null;
function follow() {
  clearTimeout(again);
  if (stream || !leads || document.hidden) return;
  stream = new EventSource(`/v1/sales/${sale}/board/stream`);
  stream.addEventListener("head", (frame) => {
    const head = JSON.parse(frame.data);
    tell({ head });
    hearBoard(head);
  });
  stream.onerror = () => {
    if (shown) askWithin(5 * second);
    else lose();
    if (stream?.readyState === EventSource.CLOSED) { unfollow(); again = setTimeout(follow, 30 * second); }
  };
}
function unfollow() {
  clearTimeout(again);
  stream?.close();
  stream = null;
}

// One tab of a browser leads: the one looked at last. The others listen to it.
const others = "BroadcastChannel" in window ? new BroadcastChannel(`queue-${sale}`) : null;
const tell = (news) => others?.postMessage(news);
if (others) others.onmessage = ({ data }) => {
  if (leads) return;
  if (data.place) hear(data.place).catch(lose);
  if (data.head) hearBoard(data.head);
};
function lead() {
  leads = true;
  follow();
  if (shown) timer = setTimeout(ask, first_after);
}
function rest() {
  leads = false;
  clearTimeout(timer);
  unfollow();
}
async function queueUp(steal) {
  if (!navigator.locks || !others) return lead();
  const name = `queue-${sale}`;
  try {
    await navigator.locks.request(name, steal ? { steal } : {}, () => { lead(); return new Promise(() => {}); });
  } catch {
    // Another tab is looked at now.
    rest();
    queueUp(false);
  }
}

// Looked at again, or awake again: ask at once.
function wake() {
  if (document.hidden) return;
  first_after = 0;
  if (!leads) return queueUp(true);
  follow();
  if (Date.now() - heard_at < second) return;
  if (!asking) return ask();
  // What was asked before the sleep may never be answered.
  woken = true;
  for (const stop of open) stop.abort();
}
document.addEventListener("visibilitychange", () => (document.hidden ? unfollow() : wake()));
addEventListener("pageshow", (came) => { if (came.persisted) wake(); });
addEventListener("online", wake);
addEventListener("offline", () => { at("lost").hidden = false; });

settle();
first_after = shown?.poll_after_ms ?? 0;
queueUp(!document.hidden);
