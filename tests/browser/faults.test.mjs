// What goes wrong behind the pages, and what people read of it: a disk that is full, a server that
// dies, a telephone that sleeps. Nobody loses a place, nothing is bought twice.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { Visitor, openBrowser } from "./look.mjs";
import { Night } from "./night.mjs";
import { goIn, hold, join, pay, payment } from "./steps.mjs";

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
  test(name, { timeout: 120_000 }, async () => {
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

const pause = (ms) => new Promise((resume) => setTimeout(resume, ms));

/** What a countdown shows stays for as long as two of its steps. */
async function standsStill(countdown) {
  const before = await countdown.textContent();
  await pause(2_200);
  assert.equal(await countdown.textContent(), before);
}

/** What a countdown shows changes. */
async function goesOn(countdown) {
  const before = await countdown.textContent();
  for (let looks = 0; (await countdown.textContent()) === before; looks += 1) {
    assert.ok(looks < 600, `it still shows ${before}`);
    await pause(100);
  }
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
    await visitor.page.getByText("We have a technical problem").waitFor({ state: "detached", timeout: 60_000 });
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
