// What reaches people without their looking: how soon a notice is on the screen, what is spoken and
// how often, and the sound and the notification that they asked for.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { Visitor, openBrowser } from "./look.mjs";
import { Night } from "./night.mjs";
import { giveUp, join } from "./steps.mjs";
import { until, wholeWalk } from "./wait.mjs";

const anHour = 3600;
const script = true;
// From the operator's request to the visitor's screen.
const notice_ms_max = 2_000;
let browser;

before(async () => {
  browser = await openBrowser();
});

after(async () => {
  await browser?.close();
});

/** A test with a night of its own. */
function story(name, steps) {
  test(name, wholeWalk, async (test) => {
    const night = await Night.start({ opensIn: anHour });
    try {
      await steps(night, test);
    } finally {
      await night.end();
    }
  });
}

/** Notes what a screen reader would say, in its order. */
function listen() {
  globalThis.spoken = [];
  document.addEventListener("DOMContentLoaded", () => {
    const said = document.getElementById("said");
    new MutationObserver(() => globalThis.spoken.push(said.textContent)).observe(said, { childList: true });
  });
}

/** Notes tones and notifications instead of making them. */
function overhear() {
  globalThis.tones = 0;
  globalThis.notes = [];
  const { createOscillator } = AudioContext.prototype;
  AudioContext.prototype.createOscillator = function tone() {
    globalThis.tones += 1;
    return createOscillator.call(this);
  };
  globalThis.Notification = class {
    static permission = "default";
    static async requestPermission() {
      this.permission = "granted";
      return this.permission;
    }
    constructor(text, more) {
      globalThis.notes.push({ text, ...more });
    }
  };
}

const spoken = (visitor) => visitor.page.evaluate(() => globalThis.spoken);
const rung = (visitor) => visitor.page.evaluate(() => ({ tones: globalThis.tones, notes: globalThis.notes }));

/** Somebody in the queue, with ears on their page. */
async function listener(night, ears) {
  const visitor = await Visitor.arrive(browser, night, { script });
  await visitor.page.addInitScript(ears);
  await join(night, visitor);
  return visitor;
}

/** The page is looked at, or not. */
async function look(page, hidden) {
  await page.evaluate((hidden) => {
    Object.defineProperty(document, "hidden", { configurable: true, get: () => hidden });
    document.dispatchEvent(new Event("visibilitychange"));
  }, hidden);
}

describe("what reaches people", () => {
  story("a notice is on the screen within two seconds", async (night, test) => {
    const visitor = await listener(night, listen);
    const spans_ms = [];
    let text = "";
    // A machine that does much else at a time is late now and then, and not each time. Words that
    // differ in figures alone would not be spoken again.
    while (spans_ms.length < 3 || (spans_ms.length < 12 && Math.min(...spans_ms) >= notice_ms_max)) {
      text = `Words of ${"abcdefghijkl"[spans_ms.length]}.`;
      const began = performance.now();
      await night.operate({ type: "post_notice", texts: [{ language: "en", text }] });
      await visitor.page.locator(".notice", { hasText: text }).waitFor();
      spans_ms.push(Math.round(performance.now() - began));
    }
    test.diagnostic(`a notice was on the screen after ${spans_ms.join(", ")} ms`);
    assert.ok(Math.min(...spans_ms) < notice_ms_max, `${spans_ms} ms`);
    await until(async () => (await spoken(visitor)).includes(text));
    await visitor.depart();
  });

  story("figures are spoken every half minute at most, and what changes the meaning at once", async (night) => {
    await night.hurry({ presence_span: "6s" });
    const ahead = [];
    for (let people = 0; people < 4; people += 1) {
      const other = await Visitor.arrive(browser, night, { script: false });
      await join(night, other);
      ahead.push(other);
    }
    const visitor = await Visitor.arrive(browser, night, { script });
    await visitor.page.clock.install();
    await visitor.page.addInitScript(listen);
    await join(night, visitor);
    await night.operate({ type: "pause_calling" });
    await night.operate({ type: "open" });
    await visitor.sees("Nobody is being called at the moment.");
    await until(async () => (await spoken(visitor)).some((text) => text.includes("Nobody is being called")));
    const goes = async (left) => {
      const other = ahead.pop();
      await giveUp(other);
      await other.depart();
      await until(async () => (await visitor.figure("Ahead of you")) === String(left));
    };
    const before = await spoken(visitor);
    await goes(3);
    await goes(2);
    assert.deepEqual(await spoken(visitor), before, "it was quiet");
    await visitor.page.clock.fastForward(31_000);
    await until(async () => (await spoken(visitor)).length > before.length);
    assert.equal((await spoken(visitor)).at(-1), "Ahead of you: 2");
    await visitor.isAccessible("a page that has spoken");
    for (const other of ahead) await other.depart();
    await visitor.depart();
  });

  story("sound and notification come once, and only after consent", async (night) => {
    // Nobody is warned here that their turn runs out.
    await night.hurry({ claim_span: "10m" });
    const asked = await listener(night, overhear);
    const looking = await listener(night, overhear);
    const silent = await listener(night, overhear);
    for (const visitor of [asked, looking]) {
      await visitor.press("Play a sound when it is my turn");
      await visitor.press("Notify me when it is my turn");
      await visitor.page.locator("#notify[aria-pressed=true]").waitFor();
      assert.deepEqual(await rung(visitor), { tones: 3, notes: [] }, "only how it will sound");
    }
    await look(asked.page, true);
    await look(silent.page, true);
    await night.operate({ type: "open" });
    for (const visitor of [asked, looking, silent]) await visitor.page.locator("#scene.turn").waitFor();
    await until(async () => (await rung(asked)).notes.length > 0);
    const { tones, notes } = await rung(asked);
    assert.equal(tones, 6, "the sound came once");
    assert.equal(notes.length, 1);
    assert.equal(notes[0].text, "It is your turn");
    await until(async () => (await rung(looking)).tones === 6);
    assert.deepEqual((await rung(looking)).notes, [], "who looks at the page needs no notification");
    assert.deepEqual(await rung(silent), { tones: 0, notes: [] });
    for (const visitor of [asked, looking, silent]) await visitor.depart();
  });
});
