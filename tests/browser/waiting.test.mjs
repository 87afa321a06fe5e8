// The waiting page in every state, and how it goes on by itself: in Chromium, with its script.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { Visitor, openBrowser } from "./look.mjs";
import { Night } from "./night.mjs";
import { join } from "./steps.mjs";
import { until, wholeWalk } from "./wait.mjs";

const anHour = 3600;
const script = true;
const turn = "It is your turn";
let browser;

before(async () => {
  browser = await openBrowser();
});

after(async () => {
  await browser?.close();
});

/** A test with a night and a visitor of its own. */
function story(name, { opensIn = anHour, language } = {}, steps) {
  test(name, wholeWalk, async () => {
    const night = await Night.start({ opensIn });
    try {
      const visitor = await Visitor.arrive(browser, night, { script, language });
      await steps(night, visitor);
      await visitor.depart();
    } finally {
      await night.end();
    }
  });
}

/** The tabs that ask for the place from here on. */
function askers(visitor) {
  const asked = new Set();
  visitor.window.on("request", (request) => {
    const { pathname } = new URL(request.url());
    if (pathname.endsWith("/places/me")) asked.add(request.frame().page());
  });
  return asked;
}

/** The page says so, in its heading. */
async function itIsTheirTurn(page) {
  await page.locator("#scene.turn").waitFor();
}

/** The page is looked at, or not. */
async function look(page, hidden) {
  await page.evaluate((hidden) => {
    Object.defineProperty(document, "hidden", { configurable: true, get: () => hidden });
    document.dispatchEvent(new Event("visibilitychange"));
  }, hidden);
}

describe("every state of the page", () => {
  test("fits, is readable, and breaks no rule of accessibility", wholeWalk, async () => {
    const night = await Night.start({ opensIn: anHour });
    try {
      const visitor = await Visitor.arrive(browser, night, { script });
      const { page } = visitor;
      const list = await (await fetch(`${night.ops}/demo/preview`)).text();
      const states = [...list.matchAll(/<th scope="row">([^<]+)</g)].map(([, state]) => state);
      assert.ok(states.length > 20, `${states.length} states`);
      for (const state of states) {
        await page.goto(`${night.ops}/demo/preview?state=${state}&language=en&scheme=light`);
        for (const scheme of ["light", "dark"]) {
          // As the server writes it: a page in the other scheme is the same page.
          await page.evaluate((scheme) => { document.documentElement.dataset.scheme = scheme; }, scheme);
          await visitor.keepAs(`50-${state}`, scheme);
          await visitor.isAccessible(`${state}, ${scheme}`);
        }
      }
      for (const language of ["de", "fr", "es"]) {
        for (const state of ["called", "in-baskets", "waiting"]) {
          await page.goto(`${night.ops}/demo/preview?state=${state}&language=${language}`);
          await visitor.keepAs(`51-${language}-${state}`, "light");
        }
      }
      await visitor.depart();
    } finally {
      await night.end();
    }
  });
});

describe("a page that goes on by itself", () => {
  story("ten tabs and a hundred reloads are one place and one stream", {}, async (night, visitor) => {
    await join(night, visitor);
    const number = await visitor.figure("Your queue number");
    const tabs = [visitor.page];
    while (tabs.length < 10) {
      tabs.push(await visitor.window.newPage());
      await tabs.at(-1).goto(night.queue);
    }
    for (let times = 0; times < 100; times += 1) await tabs[times % 10].reload();
    for (const tab of tabs) {
      assert.equal(await tab.locator("#number").textContent(), number);
    }
    // All tabs hear of the opening, but only one of them asks.
    const asked = askers(visitor);
    const streams = async () => {
      const metrics = await night.metrics();
      return Number(metrics.match(/^stanchion_sale_streams_open\{.*\} (\d+)$/m)?.[1]);
    };
    await until(async () => (await streams()) === 1);
    await night.operate({ type: "open" });
    for (const tab of tabs) await itIsTheirTurn(tab);
    await until(async () => (await streams()) === 1);
    // The last one that was loaded, and the one before, if that had just begun.
    assert.ok(asked.size <= 2, `${asked.size} of ten tabs ask`);
  });

  story("a notice comes to the page without a reload, and goes again", {}, async (night, visitor) => {
    await join(night, visitor);
    const text = "<img src=x onerror=alert(1)> & \"doors\" <script>alert(2)</script>";
    await night.operate({ type: "post_notice", texts: [{ language: "en", text }, { language: "de", text: "Türen" }] });
    await visitor.page.locator(".notice").waitFor();
    assert.equal(await visitor.page.locator(".notice").textContent(), text);
    await visitor.isAccessible("a notice with letters of HTML");
    await night.operate({ type: "withdraw_notice" });
    await visitor.page.locator(".notice").waitFor({ state: "detached" });
  });

  story("an answer that comes late never replaces a newer one", {}, async (night, visitor) => {
    const { page } = visitor;
    // Without a place nothing is polled that would tell, too.
    await page.goto(night.queue);
    const notice = (text) => night.operate({ type: "post_notice", texts: [{ language: "en", text }] });
    // The first answer is made before the second notice, and held back until after it.
    let hold = null;
    let open = 0;
    let most = 0;
    let many = 0;
    await page.route("**/demo?part=both*", async (route) => {
      [open, many] = [open + 1, many + 1];
      most = Math.max(most, open);
      const answer = await route.fetch();
      if (many === 1) await new Promise((resume) => { hold = resume; });
      open -= 1;
      await route.fulfill({ response: answer });
    });
    await notice("The doors open at seven.");
    await until(() => hold !== null);
    await notice("The doors open at eight.");
    // The page has heard of it, and has asked.
    await until(() => page.evaluate(() => JSON.stringify(board).includes("eight") && due === null));
    hold();
    await page.locator(".notice", { hasText: "The doors open at eight." }).waitFor();
    assert.equal(most, 1, "one question at a time");
  });

  story("a press counts although the page goes on under the finger", {}, async (night, visitor) => {
    const { page } = visitor;
    await page.goto(night.queue);
    await page.waitForFunction(() => board);
    await visitor.button("Join the queue").hover();
    await page.mouse.down();
    const renewed = page.waitForResponse((answer) => answer.url().includes("part=both"));
    await night.operate({ type: "post_notice", texts: [{ language: "en", text: "The doors open at seven." }] });
    await (await renewed).finished();
    // Long enough for the page to have put it there.
    await page.evaluate(() => new Promise((painted) => requestAnimationFrame(() => setTimeout(painted))));
    await page.mouse.up();
    await visitor.sees("You are in the queue");
    await page.locator(".notice").waitFor();
  });

  story("half a code that is typed, and a code that is read out, stay while the page goes on", {}, async (night, visitor) => {
    const { page } = visitor;
    const say = async (text) => {
      await night.operate({ type: "post_notice", texts: [{ language: "en", text }] });
      await page.locator(".notice", { hasText: text }).waitFor();
    };
    const typed = page.locator("#code");
    await page.goto(night.queue);
    await page.locator("#arriving summary").click();
    await typed.pressSequentially("ABC");
    await say("The doors open at seven.");
    await page.keyboard.type("D");
    assert.equal(await typed.inputValue(), "ABCD");
    await join(night, visitor);
    await page.locator("#moving summary").click();
    await page.locator("#moving button").click();
    const code = await page.locator(".code").textContent();
    await say("The doors open at eight.");
    assert.equal(await page.locator(".code").textContent(), code);
  });

  story("a stopped clock, a pause and the end are said as they come", {}, async (night, visitor) => {
    await join(night, visitor);
    await night.operate({ type: "pause_calling" });
    await night.operate({ type: "open" });
    await visitor.sees("Nobody is being called at the moment.");
    await night.operate({ type: "freeze_time" });
    await visitor.sees("The clock stands still at the moment.");
    await night.operate({ type: "redirect", url: `${night.shop}elsewhere` });
    await visitor.link("Go there now").waitFor();
    await night.operate({ type: "close" });
    await visitor.sees("The sale is closed");
  });

  story("who looks away is told by title and sound, and warned before the end", {}, async (night, visitor) => {
    const { page } = visitor;
    await page.addInitScript(() => {
      globalThis.rung = 0;
      const { createOscillator } = AudioContext.prototype;
      AudioContext.prototype.createOscillator = function tone() {
        globalThis.rung += 1;
        return createOscillator.call(this);
      };
    });
    await night.hurry({ claim_span: "20s" });
    await join(night, visitor);
    const before = await page.title();
    await visitor.press("Play a sound when it is my turn");
    const consented = await page.evaluate(() => globalThis.rung);
    assert.ok(consented > 0, "the button lets hear what it means");
    await look(page, true);
    await night.operate({ type: "open" });
    await itIsTheirTurn(page);
    // One turn is enough.
    await night.operate({ type: "pause_calling" });
    assert.ok((await page.title()).startsWith(turn), await page.title());
    assert.notEqual(await page.title(), before);
    await until(() => page.evaluate((before) => globalThis.rung > before, consented));
    await visitor.sees("Your turn runs out soon.");
    await visitor.isAccessible("a warning");
    await visitor.keep("42-warned");
    // Nothing is done: the call is missed, and the page says what that means.
    await page.getByText("you are next again").first().waitFor();
  });

  story("a page that slept is right as soon as it is looked at", {}, async (night, visitor) => {
    const { page } = visitor;
    await join(night, visitor);
    await look(page, true);
    // Asleep: nothing is answered until the telephone wakes up.
    await visitor.window.setOffline(true);
    await night.operate({ type: "pause_calling" });
    await night.operate({ type: "open" });
    await visitor.window.setOffline(false);
    await look(page, false);
    await visitor.sees("Nobody is being called at the moment.");
    await page.locator("#lost").waitFor({ state: "hidden" });
  });

  story("a hidden page closes its stream and goes on polling", {}, async (night, visitor) => {
    await night.hurry({ presence_span: "9s" });
    await join(night, visitor);
    const streams = async () => (await night.metrics()).match(/^stanchion_sale_streams_open\{.*\} (\d+)$/m)?.[1];
    await until(async () => (await streams()) === "1");
    await look(visitor.page, true);
    await until(async () => (await streams()) === "0");
    await night.operate({ type: "open" });
    await itIsTheirTurn(visitor.page);
  });

  story("the server goes and comes back while somebody waits", {}, async (night, visitor) => {
    const { page } = visitor;
    await join(night, visitor);
    await night.stop();
    await page.locator("#lost").waitFor();
    await visitor.isAccessible("a lost connection");
    await visitor.keep("43-lost");
    await night.goOn();
    await page.locator("#lost").waitFor({ state: "hidden" });
    assert.equal(await visitor.figure("Your queue number"), "1");
  });

  story("focus and an open question outlast a change", {}, async (night, visitor) => {
    const { page } = visitor;
    await join(night, visitor);
    await page.getByText("Give up your place?").click();
    await page.locator("#sound").focus();
    await night.operate({ type: "pause_calling" });
    await night.operate({ type: "open" });
    await visitor.sees("Nobody is being called at the moment.");
    assert.equal(await page.evaluate(() => document.activeElement.id), "sound");
    assert.ok(await visitor.button("Give up my place").isVisible());
    // In the shop it is another question.
    await night.operate({ type: "resume_calling" });
    await itIsTheirTurn(page);
    assert.ok(await visitor.button("Give up my place").isVisible());
    const other = await visitor.window.newPage();
    await other.goto(night.queue);
    await other.getByRole("button", { name: "Go in now" }).click();
    await visitor.sees("You are in");
    assert.ok(await page.getByText("Leave the shop?").isVisible());
    assert.equal(await visitor.button("Give up my place").count(), 0);
  });
});
