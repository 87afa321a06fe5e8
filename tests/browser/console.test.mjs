// The console, as operators use it: doors, roles, forms, live figures, and pictures of every page.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { openBrowser, openWindow } from "./look.mjs";
import { Person, Room } from "./room.mjs";
import { pause, until, wholeWalk } from "./wait.mjs";

// Until a crowd has bought something.
const aNight = 120_000;
let browser;

before(async () => {
  browser = await openBrowser();
});

after(async () => {
  await browser?.close();
});

/** A test in a room of its own, with Ana, who came first. */
function scene(name, options, steps) {
  test(name, wholeWalk, async () => {
    const room = await Room.open(options);
    try {
      const ana = await Person.arrive(browser, room);
      await steps(room, ana);
    } finally {
      await room.close();
    }
  });
}

const now = "/console/sales/demo";
const controls = `${now}/controls`;

describe("the console", () => {
  scene("who comes first makes the first account", {}, async (room, ana) => {
    await ana.page.goto(room.link);
    await ana.looksAt("50-first-account");
    await ana.accept(room.link, "Ana");
    await ana.looksAt("51-sales");
    await ana.goes("/console/accounts");
    await ana.page.getByLabel("Name").fill("Bo");
    await ana.page.locator("section select[name=role]").selectOption("viewer");
    await ana.visitor.press("Make a link");
    await ana.visitor.sees("A link for Bo");
    const link = await ana.page.locator("code.secret").textContent();
    await ana.looksAt("52-accounts");
    const bo = await Person.arrive(browser, room);
    await bo.accept(link);
    assert.equal(await bo.visitor.link("Accounts").count(), 0);
    await ana.goes("/console/book");
    await ana.visitor.sees("Bo as viewer");
    await ana.looksAt("53-book");
    await ana.visitor.press("Sign out");
    await ana.looksAt("54-sign-in");
    await ana.signIn("Ana");
    await ana.visitor.sees("Sales");
    await ana.visitor.depart();
    await bo.visitor.depart();
  });

  scene("a wrong code, a used link and a role that is too small are told", {}, async (room, ana) => {
    await ana.accept(room.link, "Ana");
    await ana.goes("/console/accounts");
    await ana.page.getByLabel("Name").fill("Vi");
    await ana.visitor.press("Make a link");
    const link = await ana.page.locator("code.secret").textContent();
    const vi = await Person.arrive(browser, room);
    await vi.accept(link);
    await vi.goes(controls);
    await vi.visitor.sees("Your role does not allow this");
    await vi.looksAt("55-role");
    await vi.page.goto(link);
    await vi.visitor.sees("This link does not count");
    await ana.visitor.press("Sign out");
    await ana.signIn("Ana", "000000");
    await ana.visitor.sees("the password or the code is wrong");
    await ana.looksAt("56-wrong");
    await ana.signIn("Ana");
    await ana.visitor.sees("Sales");
  });

  scene("a form that is not from the page changes nothing", {}, async (room, ana) => {
    await ana.accept(room.link, "Ana");
    await ana.goes(controls);
    await ana.page.evaluate(() => {
      for (const field of document.querySelectorAll("[name=form_token]")) field.value = "made-up";
    });
    await ana.page.getByLabel("Most visitors called").fill("7");
    await ana.visitor.press("Set the cap");
    await ana.visitor.sees("This form does not count");
    await ana.looksAt("57-form");
    // Another site cannot send the cookie at all.
    const path = `${room.origin}/console/accounts`;
    await ana.page.goto("about:blank");
    await ana.page.setContent(`<form method="post" action="${path}"><button>Win</button></form>`);
    await ana.visitor.press("Win");
    await ana.visitor.sees("Sign in");
  });

  scene("figures are live", { crowd: 150, opensIn: 6 }, async (room, ana) => {
    await ana.accept(room.link, "Ana");
    await ana.goes(now);
    await ana.visitor.sees("Live,");
    await ana.looksAt("60-now-before");
    await ana.page.locator("[data-health].good").waitFor();
    const sold = ana.page.locator('[data-figure="sold"]');
    await ana.page.waitForFunction(() => {
      return Number(document.querySelector('[data-figure="sold"]').textContent) > 20;
    }, null, { timeout: aNight });
    // Until there is a curve to look at.
    const points = () => JSON.parse(document.querySelector("#points").textContent).at_s.length;
    await until(async () => {
      if ((await ana.page.evaluate(points)) >= 5) return true;
      await pause(1_000);
      return ana.page.reload().then(() => false);
    });
    await ana.visitor.sees("Live,");
    await ana.visitor.keep("61-now");
    assert.ok(Number(await sold.textContent()) > 20);
    assert.equal(await ana.page.locator(".u-wrap").count(), 6);
    const lines = ana.page.locator("#shop .u-marker");
    const borders = () => lines.evaluateAll((all) => all.map((line) => getComputedStyle(line).borderTopStyle));
    assert.deepEqual(await borders(), ["solid", "dashed", "dotted"]);
    await ana.page.reload();
    await ana.visitor.sees("Live,");
    await ana.page.getByText("The curves as a table").click();
    await ana.looksAt("62-now-table");
    await ana.visitor.depart();
  });

  scene("figures that are old say so", { opensIn: 1 }, async (room, ana) => {
    const { page, visitor } = ana;
    const told = page.locator("[data-health]");
    const old = page.locator("main.old");
    await ana.accept(room.link, "Ana");
    await ana.goes(now);
    await visitor.sees("Live,");
    await page.locator("[data-health].good").waitFor();
    // Nobody says that a server stands still: nothing is heard of it.
    room.halt();
    try {
      await page.locator("[data-health].bad").waitFor();
      assert.match(await told.textContent(), /^No connection since \d\d:\d\d:\d\d: what stands here is old$/);
      await old.waitFor();
    } finally {
      room.goOn();
    }
    await page.locator("[data-health].good").waitFor();
    await visitor.sees("Live,");
    assert.equal(await told.textContent(), "Healthy");
    assert.equal(await old.count(), 0);
    await room.stop("SIGKILL");
    await page.locator("[data-health].bad").waitFor();
    await visitor.sees("what stands here is old");
    await old.waitFor();
    await ana.looksAt("63-now-old");
  });

  scene("a change is said, done, seen, and taken back", {}, async (room, ana) => {
    const { page, visitor } = ana;
    await ana.accept(room.link, "Ana");
    await ana.goes(controls);
    await ana.looksAt("70-controls");
    await page.getByLabel("Most visitors called").fill("5");
    await visitor.press("Set the cap");
    await visitor.sees("Is this what you mean?");
    await ana.looksAt("71-sure");
    await page.getByLabel("Why").fill("the shop is slow");
    await visitor.press("Do it");
    await visitor.sees("Ana set the cap to 5");
    await page.getByLabel("English", { exact: true }).fill("Doors open at nine.");
    await page.getByLabel("German", { exact: true }).fill("Einlass um neun.");
    await visitor.press("Post it");
    await visitor.sees("de: Einlass um neun.");
    await visitor.press("Do it");
    const guest = await openWindow(browser, { locale: "de", javaScriptEnabled: false });
    const queue = await guest.newPage();
    await queue.goto(room.queue);
    await queue.getByText("Einlass um neun.").waitFor();
    await guest.close();
    await visitor.press("Take the newest back");
    await visitor.press("Do it");
    await visitor.sees("Ana took the notice away");
    await page.getByLabel("Address").fill("https://venue.example/later");
    await visitor.press("Send everyone there");
    await page.getByLabel("Type “everyone” to confirm").fill("nobody");
    await visitor.press("Do it");
    await visitor.sees("Nothing was done");
    await page.getByLabel("Address").fill("https://venue.example/later");
    await visitor.press("Send everyone there");
    await page.getByLabel("Type “everyone” to confirm").fill("everyone");
    await ana.looksAt("72-grave");
    await visitor.press("Do it");
    await visitor.sees("The queue is sent to https://venue.example/later.");
    await visitor.press("Stop it");
    await visitor.press("Do it");
    await visitor.sees("Stopped by an operator.");
    await ana.looksAt("73-stopped");
    await ana.goes(now);
    await visitor.sees("Sale time stands still");
    await visitor.depart();
  });

  scene("two people do not overwrite each other", {}, async (room, ana) => {
    await ana.accept(room.link, "Ana");
    await ana.goes("/console/accounts");
    await ana.page.getByLabel("Name").fill("Bo");
    await ana.page.locator("section select[name=role]").selectOption("operator");
    await ana.visitor.press("Make a link");
    const bo = await Person.arrive(browser, room);
    await bo.accept(await ana.page.locator("code.secret").textContent());
    await bo.goes(controls);
    await ana.goes(controls);
    await ana.page.getByLabel("Most visitors called").fill("300");
    await ana.visitor.press("Set the cap");
    await ana.visitor.press("Do it");
    await bo.page.getByLabel("Most visitors called").fill("400");
    await bo.visitor.press("Set the cap");
    await bo.visitor.press("Do it");
    await bo.visitor.sees("Meanwhile: Ana set the cap to 300. Apply yours to that?");
    await bo.looksAt("74-meanwhile");
    await bo.visitor.press("Do it");
    await bo.visitor.sees("Bo set the cap to 400");
    await ana.visitor.depart();
    await bo.visitor.depart();
  });
});
