// The shop with its scripts: the seat map by keyboard and by finger on a phone, and the time of a
// basket. Every page is judged by axe.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { Visitor, openBrowser } from "./look.mjs";
import { Night } from "./night.mjs";
import { goIn, hold, join, payment } from "./steps.mjs";
import { wholeWalk } from "./wait.mjs";

const phone = { width: 390, height: 844 };
let browser;

before(async () => {
  browser = await openBrowser();
});

after(async () => {
  await browser?.close();
});

/** A test with a night of its own, and a visitor who looks at the seat map. */
function walk(name, steps) {
  test(name, wholeWalk, async () => {
    const night = await Night.start({ opensIn: 3600 });
    try {
      await night.operate({ type: "open" });
      const visitor = await arrive(night);
      await steps(night, visitor);
      await visitor.depart();
    } finally {
      await night.end();
    }
  });
}

async function arrive(night) {
  const visitor = await Visitor.arrive(browser, night, { script: true });
  await visitor.page.goto(night.queue);
  await visitor.press("Join the queue");
  await goIn(visitor);
  await visitor.follow("Choose seats");
  await map(visitor).waitFor();
  return visitor;
}

const map = (visitor) => visitor.page.getByRole("group", { name: "Seat map" });
const seat = (visitor, name) => map(visitor).getByRole("checkbox", { name });
const focused = (visitor) => visitor.page.evaluate(() => document.activeElement.ariaLabel);

/** Keeps pictures, judges the page, and goes on at the size of a phone. */
async function look(visitor, name) {
  await visitor.keep(name);
  await visitor.page.setViewportSize(phone);
  await visitor.isAccessible(name);
}

describe("the shop with a script", () => {
  walk("a keyboard buys two seats on the map", async (night, visitor) => {
    const { keyboard } = visitor.page;
    const enter = async (control) => {
      await visitor.tabTo(control);
      await keyboard.press("Enter");
    };
    await look(visitor, "50-map");
    await visitor.tabTo(seat(visitor, "Row A, seat 1, 62.00 GBP, free").first());
    await keyboard.press("ArrowDown");
    await keyboard.press("ArrowDown");
    await keyboard.press("ArrowRight");
    assert.equal(await focused(visitor), "Row C, seat 3, 85.00 GBP, free");
    await keyboard.press("Space");
    await keyboard.press("ArrowRight");
    await keyboard.press("Space");
    assert.equal(await focused(visitor), "Row C, seat 4, 85.00 GBP, chosen by you");
    await visitor.sees("2 seats chosen.");
    await look(visitor, "51-map-closer");
    await enter(visitor.button("Hold these seats"));
    await visitor.sees("Held for you for");
    await look(visitor, "52-basket-with-script");
    await enter(visitor.button("Check out"));
    await payment(visitor).waitFor();
    await look(visitor, "53-card-with-script");
    await enter(payment(visitor));
    await visitor.sees("Thank you");
    await visitor.sees("170.00 GBP");
    await look(visitor, "54-order");
  });

  walk("who is slower is told so, and a finger chooses another", async (night, visitor) => {
    const { page } = visitor;
    // A finger first comes closer, then chooses.
    await seat(visitor, "Row A, seat 6, 62.00 GBP, free").first().click();
    await seat(visitor, "Row A, seat 6, 62.00 GBP, free").first().click();
    await visitor.sees("1 seat chosen.");
    const other = await arrive(night);
    for (const clicks of ["closer", "chosen"]) {
      await seat(other, "Row A, seat 6, 62.00 GBP, free").first().click();
      if (clicks === "chosen") await other.press("Hold these seats");
    }
    await visitor.sees("Somebody else was faster and has just taken: Row A, seat 6, 62.00 GBP");
    await seat(visitor, "Row A, seat 6, 62.00 GBP, in a basket").first().waitFor();
    await look(visitor, "55-map-somebody-was-faster");
    assert.equal(await page.locator("#chosen li").count(), 0);
    await other.depart();
  });

  walk("what lies around the map is for everybody, too", async (night, visitor) => {
    const { page } = visitor;
    await page.goto(night.shop);
    await look(visitor, "60-shop");
    await visitor.follow("Choose seats");
    // For who has no script; with one there is the map.
    await page.goto(new URL(await page.locator("#sections a").first().getAttribute("href"), night.shop).href);
    await look(visitor, "61-section");
    await page.goto(night.shop);
    await hold(visitor);
    await visitor.press("Give these back");
    await visitor.sees("Your basket is empty");
    await look(visitor, "62-basket-is-empty");
    await visitor.follow("Choose seats");
    await hold(visitor);
    const tab = await visitor.window.newPage();
    await tab.goto(page.url());
    await visitor.press("Check out");
    await visitor.press("Give up and return everything");
    await visitor.sees("It’s your turn, welcome");
    // The other tab does not know yet.
    visitor.page = tab;
    await visitor.press("Check out");
    await visitor.sees("To your basket");
    await look(visitor, "63-trouble");
    visitor.page = page;
    await visitor.press("Leave the shop");
    await visitor.sees("You have left the shop");
    await look(visitor, "64-goodbye");
    await page.goto(night.shop);
    await visitor.sees("To the queue");
    await look(visitor, "65-outside");
  });

  walk("a basket's time stands still with the sale's, and its end is told", async (night, visitor) => {
    await night.hurry({ hold_span: "30s" });
    await visitor.press("Hold the best seats");
    await visitor.sees("Held for you for");
    await night.operate({ type: "freeze_time" });
    await visitor.sees("Your time stands still at the moment");
    await look(visitor, "56-basket-stands-still");
    await night.operate({ type: "resume_time" });
    await visitor.sees("Your time runs again.");
    await visitor.page.getByText("Your time ran out").waitFor();
    await look(visitor, "57-time-ran-out");
  });

  walk("who does nothing is warned before their visit ends, and one button is heard everywhere", async (night, visitor) => {
    await night.hurry({ idle_span: "1m" });
    const shop = visitor.page;
    await shop.goto(night.shop);
    const queue = await visitor.window.newPage();
    await queue.goto(night.queue);
    await shop.bringToFront();
    await visitor.sees("Are you still there?");
    await look(visitor, "58-still-there");
    await queue.bringToFront();
    await queue.locator("#warning").waitFor();
    visitor.page = queue;
    await look(visitor, "59-visit-ends-soon");
    await visitor.press("I am still here");
    await queue.locator("#warning").waitFor({ state: "hidden" });
    visitor.page = shop;
    await shop.bringToFront();
    await shop.locator("#still").waitFor({ state: "hidden" });
    assert.equal(await shop.locator("#ends").textContent(), "");
    // Who cannot be heard is warned all the same, and told that the button did nothing.
    await visitor.window.setOffline(true);
    await visitor.sees("Are you still there?");
    await visitor.press("I am still here");
    await visitor.sees("We cannot reach our system at the moment.");
    await visitor.window.setOffline(false);
    await visitor.press("I am still here");
    await visitor.sees("You stay in the shop.");
    assert.equal(await shop.evaluate(() => document.activeElement?.id), "ends");
  });
});
