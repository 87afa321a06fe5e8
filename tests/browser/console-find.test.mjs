// Find, as the box office uses it: what somebody reads out, what is shown of it, and what is done.

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { after, before, describe, test } from "node:test";

import { openBrowser } from "./look.mjs";
import { unhurried } from "./operator.mjs";
import { Person, Room } from "./room.mjs";
import { until, wholeWalk } from "./wait.mjs";

let browser;

before(async () => {
  browser = await openBrowser();
});

after(async () => {
  await browser?.close();
});

/** Somebody who buys by the interface: as far as a basket. */
async function shopper(room) {
  const sale = `${new URL(room.queue).origin}/v1/sales/demo`;
  const ask = async (method, path, token, body) => {
    const headers = { "content-type": "application/json", "idempotency-key": randomUUID() };
    if (token) headers.authorization = `Bearer ${token}`;
    const answer = await fetch(sale + path, { method, headers, body: body && JSON.stringify(body) });
    return answer.json();
  };
  const { token, number } = await ask("POST", "/places");
  await until(async () => (await ask("GET", "/places/me", token)).state === "called");
  const pass = (await ask("POST", "/passes", token)).token;
  const { performances } = await ask("GET", "/performances");
  const item = { performance: performances[0].id, best_available: { seats: 2 } };
  const basket = await ask("POST", "/baskets", pass, { items: [item] });
  return { number, basket };
}

describe("find", () => {
  test("the box office finds a basket by its letters and helps", wholeWalk, async () => {
    const room = await Room.open({ opensIn: 0 });
    try {
      await room.operator.setSpans(unhurried);
      const ana = await Person.arrive(browser, room);
      await ana.accept(room.link, "Ana");
      await ana.goes("/console/accounts");
      await ana.page.getByLabel("Name").fill("Bo");
      await ana.page.locator("section select[name=role]").selectOption("box_office");
      await ana.visitor.press("Make a link");
      const link = await ana.page.locator("code.secret").textContent();
      const bo = await Person.arrive(browser, room);
      const { page, visitor } = bo;
      await bo.accept(link);
      const { number, basket } = await shopper(room);
      await bo.goes("/console/sales/demo");
      assert.equal(await visitor.link("Controls").count(), 0);
      await visitor.follow("Find");
      await bo.looksAt("80-find");
      const look = async (what) => {
        await page.getByLabel("What they read out").fill(what);
        await visitor.press("Find it");
      };
      await look(`${basket.code.slice(0, 8)}${basket.code.endsWith("7") ? "8" : "7"}`);
      await visitor.sees("Nothing goes by exactly that.");
      await bo.looksAt("81-find-misheard");
      await visitor.follow(`Basket ${basket.code}`);
      await visitor.sees("Together");
      await bo.looksAt("82-find-basket");
      await page.getByLabel("Minutes more").fill("4");
      await visitor.press("Give more time");
      await visitor.sees("4 minutes more. It runs out in");
      await page.getByLabel("Why").fill("her card was refused");
      await bo.looksAt("83-find-sure");
      await visitor.press("Do it");
      await visitor.sees("Bo gave a basket 4 minutes more");
      await visitor.follow(`Place ${number}`);
      await visitor.sees("in the shop");
      await bo.looksAt("84-find-place");
      await visitor.press("Give a code for another device");
      await visitor.press("Do it");
      await visitor.sees("Read this out");
      assert.match(await page.locator("code.code").textContent(), /^[0-9A-Z]{4}-[0-9A-Z]{4}$/);
      await bo.looksAt("85-find-code");
      await visitor.press("End the pass");
      await visitor.sees("is given back");
      await visitor.press("Do it");
      await visitor.sees(`Bo ended the pass ${number}`);
      await visitor.press("Let them back in");
      await visitor.press("Do it");
      await visitor.sees(`Bo let the visitor ${number} back in`);
      await bo.looksAt("86-find-back");
      await bo.goes("/console/book");
      await visitor.sees("her card was refused");
      await visitor.sees("give place back");
      // Whoever loses their account is out at once, also of a page that only looks on.
      await bo.goes("/console/sales/demo");
      await visitor.sees("Live,");
      await ana.goes("/console/accounts");
      await ana.visitor.press("Shut out");
      await visitor.sees("Sign in");
      await ana.visitor.depart();
      await visitor.depart();
    } finally {
      await room.close();
    }
  });
});
