// The console's performances and seat maps: a table that follows, a house on which colours change
// while shoppers choose, and seats that are kept off sale and put back by keyboard.

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { after, before, describe, test } from "node:test";

import { openBrowser } from "./look.mjs";
import { unhurried } from "./operator.mjs";
import { Person, Room } from "./room.mjs";
import { until, wholeWalk } from "./wait.mjs";

const sale = "/console/sales/demo";
let browser;

before(async () => {
  browser = await openBrowser();
});

after(async () => {
  await browser?.close();
});

/** A shopper without a browser, who is in the shop. */
async function shopper(room) {
  const api = `${new URL(room.queue).origin}/v1/sales/demo`;
  const ask = async (path, { token, body, method = "POST" } = {}) => {
    const headers = { "content-type": "application/json", "idempotency-key": randomUUID() };
    if (token) headers.authorization = `Bearer ${token}`;
    const answer = await fetch(`${api}${path}`, { method, headers, body: body && JSON.stringify(body) });
    return answer.ok ? answer.json() : null;
  };
  const { token } = await until(() => ask("/places"));
  const pass = await until(() => ask("/passes", { token }));
  const hold = (seat) => ask("/baskets", { token: pass.token, body: { items: [{ performance: "tonight", seat }] } });
  return { hold };
}

describe("the console's performances", () => {
  test("a house is followed, and seats go off sale and back by keyboard", wholeWalk, async () => {
    const room = await Room.open({ opensIn: 1 });
    const ana = await Person.arrive(browser, room);
    const { page, visitor } = ana;
    const { keyboard } = page;
    const enter = async (control) => {
      await visitor.tabTo(control);
      await keyboard.press("Enter");
    };
    const letter = (of) => page.locator(`[data-letter="${of}"]`);
    const counts = (of, count) => letter(of).getByText(count, { exact: true }).waitFor();
    try {
      await room.operator.setSpans(unhurried);
      await ana.accept(room.link, "Ana");
      await ana.goes(sale);
      await visitor.follow("Performances");
      await visitor.sees("1 to 1 of 1.");
      await visitor.sees("Live,");
      await ana.looksAt("80-performances");
      await page.getByLabel("Name or id").fill("matinee");
      await visitor.press("Show");
      await visitor.sees("None of 1 performances is like that.");
      await visitor.follow("Show all");
      await visitor.follow("Sold");
      await page.locator('th[aria-sort="descending"]').waitFor();

      await visitor.follow("Tonight");
      await visitor.sees("Live,");
      await counts("h", "0");
      await ana.looksAt("81-house");
      const drawn = () => page.locator("canvas").evaluate((canvas) => canvas.toDataURL());
      const before = await drawn();
      const { hold } = await shopper(room);
      const held = await hold("Stalls-C-5");
      await counts("h", "1");
      // A seat that is held looks otherwise.
      await until(async () => (await drawn()) !== before);

      // From far to a seat, and to who has it.
      await page.setViewportSize({ width: 1280, height: 800 });
      await visitor.tabTo(page.locator("canvas"));
      const about = page.locator("[data-about]");
      const at = async (text) => about.getByText(text).waitFor();
      await page.evaluate(() => scrollTo(0, 0));
      const seat = async () => (await about.textContent()).match(/^(.*?), row (\w+), seat (\w+)/)?.slice(1) ?? [];
      for (let steps = 0; (await seat())[1] !== "C"; steps += 1) {
        assert.ok(steps < 80, `row C is reached from ${await about.textContent()}`);
        await keyboard.press((await seat())[1] > "C" ? "ArrowUp" : "ArrowDown");
      }
      for (let steps = 0; Number((await seat())[2]) !== 5; steps += 1) {
        assert.ok(steps < 80, `seat 5 is reached from ${await about.textContent()}`);
        await keyboard.press(Number((await seat())[2]) > 5 ? "ArrowLeft" : "ArrowRight");
      }
      await at("Stalls, row C, seat 5: in a basket");
      const basket = page.locator("[data-basket]:visible");
      await basket.waitFor();
      assert.equal(await basket.getAttribute("href"), `${sale}/find?what=${held.id}`);

      await keyboard.press("Space");
      await keyboard.press("Shift+ArrowRight");
      await keyboard.press("Shift+ArrowRight");
      await visitor.sees("3 seats are chosen: 2 available, 1 in a basket.");
      await ana.looksAt("82-chosen");
      await page.setViewportSize({ width: 1280, height: 800 });
      await page.locator("#map").getByLabel("Why").fill("for the press");
      await enter(page.locator("#map").getByRole("button", { name: "Keep them for the house" }));
      await visitor.sees("Keep 2 seats off sale for the house: Stalls, row C: 6 to 7.");
      await visitor.sees("Of the 3 chosen, the others stay as they are: 1 in a basket.");
      await visitor.sees("2 seats are chosen");
      await ana.looksAt("83-sure");
      await enter(visitor.button("Do it"));
      await visitor.sees("Done: 2 seats are kept for the house.");
      await counts("w", "10");
      await ana.looksAt("84-done");
      await enter(visitor.button("Take it back").first());
      await visitor.sees("Put 2 seats back on sale: Stalls, row C: 6 to 7.");
      await enter(visitor.button("Do it"));
      await visitor.sees("Done: 2 seats are on sale again.");
      await counts("w", "8");

      // The same in words.
      await visitor.follow("Stalls, rows A to W");
      await visitor.sees("Row C:");
      await page.getByRole("checkbox", { name: "the whole row" }).nth(1).check();
      await page.locator(".listed").getByRole("button", { name: "Kill them" }).click();
      await visitor.sees("off sale for everybody: they are killed: Stalls, row B: 1 to");
      await visitor.depart();
    } finally {
      await room.close();
    }
  });
});
