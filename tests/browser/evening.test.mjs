// A whole evening by somebody who has never seen it: a buyer with a telephone, and a guest who leads
// the night at a desk, on the night that the plain command starts, until all is sold.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { Visitor, openBrowser, picture } from "./look.mjs";
import { Room } from "./room.mjs";
import { goIn, hold, join, payment } from "./steps.mjs";
import { wholeWalk } from "./wait.mjs";

const script = true;
// A crowd buys the whole house.
const soldOut = 300_000;
// The plain command but for this: a test has no time for a crowd that takes four minutes.
const sooner = ["--arrive-over", 60, "--pace-of-life", 20];
let browser;

before(async () => {
  browser = await openBrowser();
});

after(async () => {
  await browser?.close();
});

/** Asks for something at the controls, and means it. */
async function steers(desk, ask, done) {
  await desk.follow("Controls");
  await ask();
  await desk.press("Do it");
  // A trigger may have been faster, and then another one.
  const meanwhile = desk.page.getByText("Apply yours to that?");
  const seen = desk.page.getByText(done).first();
  for (;;) {
    await meanwhile.or(seen).first().waitFor();
    if (await seen.isVisible()) return;
    await Promise.all([desk.page.waitForNavigation(), desk.press("Do it")]);
  }
}

async function setsTheCap(desk, cap) {
  await steers(desk, async () => {
    await desk.page.getByLabel("Most visitors called").fill(String(cap));
    await desk.press("Set the cap");
  }, `set the cap to ${cap}`);
}

/** A guest leads the night from here on. */
async function takeTheDesk(room, desk) {
  await desk.page.goto(room.guest);
  await desk.keep("90-guest");
  await desk.isAccessible("the guests' link");
  await desk.press("Come in");
  await desk.page.locator("h2 a").click();
  await desk.sees("Live,");
}

async function buy(visitor) {
  await hold(visitor);
  await visitor.press("Check out");
  await payment(visitor).click();
  await visitor.sees("Thank you");
}

test("from the first look to the printed night", wholeWalk, async () => {
  const room = await Room.openWith(sooner);
  try {
    const telephone = await Visitor.arrive(browser, room, { script });
    const german = await Visitor.arrive(browser, room, { script, language: "de" });
    const desk = await Visitor.arrive(browser, room, { script });

    await join(room, telephone);
    await takeTheDesk(room, desk);

    // Before half of the house is sold no trigger has anything to say that would replace the words.
    await german.page.goto(room.queue);
    await steers(desk, async () => {
      await desk.page.getByLabel("English", { exact: true }).fill("Doors open at nine.");
      await desk.page.getByLabel("German", { exact: true }).fill("Einlass um neun.");
      await desk.press("Post it");
    }, "posted a notice: “Doors open at nine.”");
    await german.sees("Einlass um neun.");

    await telephone.page.locator("#scene.turn").waitFor();
    await goIn(telephone);
    await buy(telephone);
    await telephone.keep("91-two-seats-on-a-telephone");

    await setsTheCap(desk, 50);
    // The doors wide open: who came early enough has bought.
    await setsTheCap(desk, 600);
    await steers(desk, async () => {
      await desk.page.getByLabel("Most calls a minute").fill("1200");
      await desk.press("Set the pace");
    }, "set the pace to 1200 a minute");

    await german.page.locator("#now .aside", { hasText: "Alles ist verkauft." }).waitFor({ timeout: soldOut });
    await german.keep("92-sold-out");
    await desk.follow("Now");
    await desk.sees("Live,");
    await desk.keep("93-now-at-the-end");

    await steers(desk, () => desk.press("Stop it"), "Stopped by an operator.");
    await desk.follow("After");
    await desk.sees("Guest (demo)");
    await desk.keep("94-after");
    const night = await desk.page.pdf({ path: picture("95-the-night.pdf") });
    assert.ok(night.length > 10_000, `${night.length} bytes of paper`);

    for (const visitor of [telephone, german, desk]) await visitor.depart();
  } finally {
    await room.close();
  }
});
