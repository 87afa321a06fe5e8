// The walk from joining to an order, as people make it: in Chromium, mostly without JavaScript.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { Visitor, openBrowser } from "./look.mjs";
import { Night } from "./night.mjs";
import { giveUp, goIn, hold, join, pay, payment, waitForTurn } from "./steps.mjs";
import { wholeWalk } from "./wait.mjs";

const anHour = 3600;
let browser;

before(async () => {
  browser = await openBrowser();
});

after(async () => {
  await browser?.close();
});

/** A test with a night and a visitor of its own. */
function walk(name, { opensIn = anHour, script = false, language }, steps) {
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

/** From joining to an order without a mouse or a finger. */
async function buyByKeyboard(night, visitor) {
  const { page } = visitor;
  const enter = async (control) => {
    await visitor.tabTo(control);
    await page.keyboard.press("Enter");
  };
  await night.operate({ type: "open" });
  await page.goto(night.queue);
  await enter(visitor.button("Join the queue"));
  await visitor.sees("Give up your place?");
  await waitForTurn(visitor);
  await enter(visitor.button("Go in now"));
  await enter(visitor.link("Go to the shop"));
  await enter(visitor.link("Choose seats"));
  await visitor.tabTo(page.getByLabel("How many").first());
  await page.keyboard.press("3");
  await enter(visitor.button("Hold the best seats"));
  await visitor.sees("Held for you for");
  await enter(visitor.button("Check out"));
  await enter(payment(visitor));
  await enter(visitor.button("Leave the shop"));
  await visitor.sees("You have left the shop");
}

describe("a walk without a script", () => {
  walk("a place outlasts reloads, and is the same in a second tab", {}, async (night, visitor) => {
    const { page } = visitor;
    await page.goto(night.queue);
    await visitor.sees("The sale opens");
    await visitor.keep("10-before-joining");
    await join(night, visitor);
    await visitor.keep("11-joined-before-opening");
    const number = await visitor.figure("Your queue number");
    assert.equal(number, "1");
    for (let times = 0; times < 20; times += 1) {
      await page.reload();
      assert.equal(await visitor.figure("Your queue number"), number);
    }
    const tab = await visitor.window.newPage();
    await tab.goto(night.queue);
    assert.equal(await tab.locator("dl dd").first().textContent(), number);
    // Another person is another place.
    const other = await Visitor.arrive(browser, night, { script: false });
    await join(night, other);
    assert.equal(await other.figure("Your queue number"), "2");
    await other.depart();
  });

  walk("a visitor comes from the queue to an order, and leaves", {}, async (night, visitor) => {
    const { page } = visitor;
    await page.goto(night.shop);
    await visitor.keep("20-shop-without-a-pass");
    await visitor.follow("To the queue");
    await visitor.press("Join the queue");
    await night.operate({ type: "open" });
    await waitForTurn(visitor);
    await visitor.keep("21-called");
    await visitor.press("Go in now");
    await visitor.keep("22-in-the-shop");
    await visitor.follow("Go to the shop");
    await visitor.sees("It’s your turn, welcome");
    await visitor.keep("30-shop");
    await visitor.follow("Choose seats");
    await visitor.keep("31-choose");
    await visitor.press("Hold the best seats");
    await visitor.sees("Your basket");
    await visitor.sees("Held for you for");
    await visitor.keep("33-basket");
    await visitor.press("Check out");
    await visitor.keep("34-card");
    await pay(visitor);
    await visitor.sees("Thank you");
    await visitor.keep("35-order");
    await page.reload();
    await visitor.sees("Thank you");
    await visitor.press("Leave the shop");
    await visitor.sees("You have left the shop");
    await visitor.keep("36-goodbye");
    await visitor.follow("Back to the queue");
    await visitor.sees("You are no longer in the queue");
  });

  walk("a visitor points at seats, and gives some back", {}, async (night, visitor) => {
    const { page } = visitor;
    await join(night, visitor);
    await night.operate({ type: "open" });
    await goIn(visitor);
    await visitor.follow("Choose seats");
    await visitor.follow("Stalls");
    const seats = page.locator("label.seat").filter({ has: page.locator("input:enabled") });
    await seats.nth(0).click();
    await seats.nth(1).click();
    await visitor.keep("32-section");
    await visitor.press("Hold these seats");
    await visitor.sees("Held for you for");
    await visitor.press("Give these back");
    await visitor.sees("Your basket is empty");
    await visitor.keep("37-empty-basket");
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
    await visitor.keep("38-basket-is-over");
  });

  walk("the page looks again by itself", { opensIn: 2 }, async (night, visitor) => {
    await visitor.page.goto(night.queue);
    await visitor.press("Join the queue");
    await visitor.button("Go in now").waitFor();
  });

  walk("a visitor gives up, and comes back at the end", {}, async (night, visitor) => {
    await join(night, visitor);
    await visitor.page.getByText("Give up your place?").click();
    await visitor.keep("12-giving-up");
    await giveUp(visitor);
    await visitor.keep("13-gave-up");
    await visitor.press("Join the queue");
    assert.equal(await visitor.figure("Your queue number"), "2");
  });

  walk("operators speak on the page", {}, async (night, visitor) => {
    const { page } = visitor;
    await join(night, visitor);
    const texts = [{ language: "en", text: "Doors are open until nine.\nPlease be patient." }];
    await night.operate({ type: "post_notice", texts });
    await night.operate({ type: "pause_calling" });
    await night.operate({ type: "open" });
    await page.reload();
    await visitor.sees("Doors are open until nine.");
    await visitor.sees("Nobody is being called");
    await visitor.keep("14-paused-with-notice");
    await night.operate({ type: "redirect", url: `${night.shop}elsewhere` });
    await page.reload();
    await visitor.keep("15-sent-elsewhere");
    await night.operate({ type: "close" });
    await page.reload();
    await visitor.sees("The sale is closed");
    await visitor.keep("16-closed");
  });

  walk("the page speaks German", { language: "de" }, async (night, visitor) => {
    await visitor.page.goto(night.queue);
    await visitor.press("Anstellen");
    assert.equal(await visitor.figure("Ihre Wartenummer"), "1");
    await visitor.keep("17-german");
  });

  walk("the same name leads from the queue to the shop and back", {}, async (night, visitor) => {
    const { page } = visitor;
    const named = (url) => url.replace("127.0.0.1", "localhost");
    await night.operate({ type: "open" });
    await page.goto(named(night.queue));
    await visitor.press("Join the queue");
    await goIn(visitor);
    assert.equal(page.url(), named(night.shop));
    await hold(visitor);
    await page.goto(named(night.shop));
    await visitor.press("Leave the shop");
    await visitor.follow("Back to the queue");
    assert.equal(page.url(), named(night.queue));
  });

  walk("forms work without encryption on any name", {}, async (night, visitor) => {
    const { page } = visitor;
    await page.goto(night.queue.replace("127.0.0.1", "stanchion.test"));
    await visitor.press("Join the queue");
    assert.equal(await visitor.figure("Your queue number"), "1");
    await giveUp(visitor);
  });

  walk("a keyboard is enough", {}, buyByKeyboard);
});

describe("a walk with a script", () => {
  const script = true;

  walk("the page moves when the sale opens", { opensIn: 2, script }, async (night, visitor) => {
    await visitor.page.goto(night.queue);
    await visitor.press("Join the queue");
    await visitor.button("Go in now").waitFor();
    await visitor.keep("40-called-with-script");
    await visitor.press("Go in now");
    await visitor.follow("Go to the shop");
    await hold(visitor);
    await visitor.press("Check out");
    await pay(visitor);
    await visitor.sees("Thank you");
    await visitor.press("Leave the shop");
    await visitor.sees("You have left the shop");
  });

  walk("a keyboard is enough with it, too", { script }, buyByKeyboard);

  walk("a place and a basket outlive the server", { script }, async (night, visitor) => {
    const first = await Visitor.arrive(browser, night, { script: false });
    await join(night, first);
    await join(night, visitor);
    await visitor.keep("41-joined-with-script");
    await night.stop();
    await night.goOn();
    await first.page.reload();
    await visitor.page.reload();
    assert.equal(await first.figure("Your queue number"), "1");
    assert.equal(await visitor.figure("Your queue number"), "2");
    await night.operate({ type: "open" });
    await goIn(first);
    await hold(first);
    await waitForTurn(visitor);
    await night.stop();
    await night.goOn();
    await first.page.reload();
    await first.sees("Held for you for");
    await first.press("Check out");
    await pay(first);
    await first.sees("Thank you");
    await visitor.press("Go in now");
    await visitor.link("Go to the shop").waitFor();
    await first.depart();
  });
});
