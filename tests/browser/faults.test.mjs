// What goes wrong behind the pages, and what people read of it: a disk that is full, a server that
// dies, a telephone that sleeps. Nobody loses a place, nothing is bought twice.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { Visitor, openBrowser } from "./look.mjs";
import { Night } from "./night.mjs";
import { goIn, hold, join, pay, payment } from "./steps.mjs";
import { pause, until, wholeWalk } from "./wait.mjs";

const anHour = 3600;
const script = true;
let browser;

before(async () => {
  browser = await openBrowser();
});

after(async () => {
  await browser?.close();
});

/** A test with a night and a visitor of its own. */
function story(name, { disk, opensIn = anHour } = {}, steps) {
  test(name, wholeWalk, async () => {
    const night = await Night.start({ opensIn, disk });
    try {
      const visitor = await Visitor.arrive(browser, night, { script });
      await steps(night, visitor);
      await visitor.depart();
    } finally {
      await night.end();
    }
  });
}

/** Joins a sale that may be open. */
async function queueUp(night, visitor) {
  await visitor.page.goto(night.queue);
  await visitor.press("Join the queue");
}

async function comeIn(night, visitor) {
  await queueUp(night, visitor);
  await goIn(visitor);
}

/** Goes to the card page with the best seats. */
async function checkOut(visitor) {
  await hold(visitor);
  await visitor.press("Check out");
  await payment(visitor).waitFor();
}

/** What a countdown shows stays for as long as two of its steps. */
async function standsStill(countdown) {
  const before = await countdown.textContent();
  await pause(2_200);
  assert.equal(await countdown.textContent(), before);
}

/** What a countdown shows changes. */
async function goesOn(countdown) {
  const before = await countdown.textContent();
  await until(async () => (await countdown.textContent()) !== before);
}

describe("a disk that is full", () => {
  story("stops every clock for all to see, until there is room", { disk: "14m" }, async (night, visitor) => {
    const shopper = await Visitor.arrive(browser, night, { script });
    await night.operate({ type: "open" });
    await comeIn(night, shopper);
    await hold(shopper);
    await queueUp(night, visitor);
    await visitor.page.locator("#scene.turn").waitFor();
    const [claim, basket] = [visitor.page.locator("#claim"), shopper.page.locator("#left")];
    await goesOn(claim);
    await night.fillDisk();
    await visitor.sees("We have a technical problem at the moment.");
    await standsStill(claim);
    await visitor.isAccessible("a clock that is stopped by a fault");
    await visitor.keep("44-called-halted");
    await shopper.sees("Your time stands still at the moment");
    await standsStill(basket);
    await shopper.keep("58-basket-halted");
    night.makeRoom();
    await visitor.page.locator(".aside").waitFor({ state: "detached" });
    await goesOn(claim);
    await goesOn(basket);
    await visitor.press("Go in now");
    await visitor.sees("You are in");
    await shopper.press("Check out");
    await pay(shopper);
    await shopper.sees("Thank you");
    await shopper.depart();
  });
});

/** Goes to an address. The browser may still be on its way to its own words about a failure. */
async function goes(page, address) {
  while (!(await page.goto(address).catch(() => null))) await pause(100);
}

describe("a server that dies", () => {
  story("while somebody waits: the page says so, and goes on with the same place", {}, async (night, visitor) => {
    const { page } = visitor;
    const other = await Visitor.arrive(browser, night, { script: false });
    // The server notes who has joined once a second of sale time. It dies before.
    await night.operate({ type: "freeze_time" });
    await join(night, other);
    await join(night, visitor);
    assert.equal(await visitor.figure("Your queue number"), "2");
    await night.stop("SIGKILL");
    await visitor.page.locator("#lost").waitFor();
    await visitor.sees("Your place is kept");
    await night.goOn();
    await page.locator("#lost").waitFor({ state: "hidden" });
    // Not only as it stood there before.
    await page.reload();
    assert.equal(await visitor.figure("Your queue number"), "2");
    await visitor.sees("The sale has not opened yet.");
    await night.operate({ type: "resume_time" });
    await night.operate({ type: "open" });
    await page.locator("#scene.turn").waitFor();
    await other.depart();
  });

  for (const heard of [false, true]) {
    const moment = heard ? "with their payment in its books" : "before it hears of their payment";
    story(`while somebody pays, ${moment}: they buy once`, {}, async (night, visitor) => {
      const { page } = visitor;
      await night.operate({ type: "open" });
      await comeIn(night, visitor);
      await checkOut(visitor);
      const card = page.url();
      const killed = new Promise((done) => page.route("**/pay", async (route) => {
        if (heard) await route.fetch({ maxRedirects: 0 });
        await night.stop("SIGKILL");
        await route.abort();
        done();
      }, { times: 1 }));
      await payment(visitor).click({ noWaitAfter: true });
      await killed;
      await night.goOn();
      assert.equal((await night.orders()).length, heard ? 1 : 0);
      await goes(page, card);
      if (!heard) await pay(visitor);
      await visitor.sees("Thank you");
      assert.equal((await night.orders()).length, 1);
    });
  }
});

describe("a telephone that sleeps while its owner pays", () => {
  /** The page is looked at, or not. */
  const look = (page, hidden) => page.evaluate((hidden) => {
    Object.defineProperty(document, "hidden", { configurable: true, get: () => hidden });
    document.dispatchEvent(new Event("visibilitychange"));
  }, hidden);

  /**
   * On the card page, and a basket's whole life later there again: eight seconds of this sale, which
   * begin when the page is where it has to be.
   */
  async function outlive(night, visitor, { asleep = () => {} } = {}) {
    await night.hurry({ checkout_span: "4s", hold_span: "8s" });
    await night.operate({ type: "open" });
    await comeIn(night, visitor);
    await night.operate({ type: "freeze_time" });
    await checkOut(visitor);
    await asleep();
    await night.operate({ type: "resume_time" });
    await until(async () => !(await night.baskets()).some(({ state }) => state === "paying"));
  }

  story("the page tells at once that its time ran out", {}, async (night, visitor) => {
    const { page } = visitor;
    await page.clock.install();
    // In a pocket: no timer of the page fires, and nothing is answered.
    const asleep = async () => {
      await look(page, true);
      await page.clock.pauseAt(Date.now() + 1_000);
      await visitor.window.setOffline(true);
    };
    await outlive(night, visitor, { asleep });
    assert.ok(await payment(visitor).isVisible(), "it slept");
    await visitor.window.setOffline(false);
    await page.clock.fastForward("10:00");
    await page.clock.resume();
    await look(page, false);
    await visitor.sees("Your time ran out");
    await visitor.sees("you have paid nothing");
    await visitor.isAccessible("a basket that ran out in a pocket");
    assert.deepEqual(await night.orders(), []);
  });

  story("a payment that was sent all the same buys what is still free, and says so", {}, async (night) => {
    const visitor = await Visitor.arrive(browser, night, { script: false });
    await outlive(night, visitor);
    await pay(visitor);
    await visitor.sees("Your seats were still free, so they are yours all the same.");
    assert.equal((await night.orders()).length, 1);
    await visitor.depart();
  });

  story("a payment for seats that somebody else has now goes back, and says so", {}, async (night) => {
    const visitor = await Visitor.arrive(browser, night, { script: false });
    await outlive(night, visitor);
    await night.hurry({ checkout_span: "10m", hold_span: "10m" });
    const other = await Visitor.arrive(browser, night, { script: false });
    await comeIn(night, other);
    // The best seats are the best again.
    await checkOut(other);
    await pay(other);
    await other.sees("Thank you");
    await pay(visitor);
    await visitor.sees("Your payment came too late");
    await visitor.keep("59-payment-too-late");
    assert.equal((await night.orders()).length, 1);
    await other.depart();
    await visitor.depart();
  });
});
