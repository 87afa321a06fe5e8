// A whole evening by somebody who has never seen it: a buyer with a telephone, and a guest who leads
// the night at a desk, on a real night with its crowd until all is sold.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { Visitor, openBrowser, picture } from "./look.mjs";
import { Room } from "./room.mjs";
import { goIn, hold, join, payment } from "./steps.mjs";

const script = true;
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
  // A trigger may have been faster.
  const meanwhile = desk.page.getByText("Apply yours to that?");
  const seen = desk.page.getByText(done).first();
  await meanwhile.or(seen).first().waitFor();
  if (await meanwhile.isVisible()) await desk.press("Do it");
  await seen.waitFor();
}

test("from the first look to the printed night", { timeout: 300_000 }, async () => {
  const room = await Room.open({ crowd: 900, opensIn: 10, arriveOver: 20, paceOfLife: 20 });
  try {
    const telephone = await Visitor.arrive(browser, room, { script });
    const german = await Visitor.arrive(browser, room, { script, language: "de" });
    const desk = await Visitor.arrive(browser, room, { script });

    await join(room, telephone);
    await goIn(telephone);
    await hold(telephone);
    await telephone.press("Check out");
    await payment(telephone).click();
    await telephone.sees("Thank you");
    await telephone.keep("91-two-seats-on-a-telephone");

    await desk.page.goto(room.guest);
    await desk.keep("90-guest");
    await desk.isAccessible("the guests' link");
    await desk.press("Come in");
    await desk.page.locator("h2 a").click();
    await desk.sees("Live,");

    await steers(desk, async () => {
      await desk.page.getByLabel("Most visitors called").fill("100");
      await desk.press("Set the cap");
    }, "set the cap to 100");

    await german.page.goto(room.queue);
    // A trigger may replace the words soon.
    const read = german.sees("Einlass um neun.");
    await steers(desk, async () => {
      await desk.page.getByLabel("English", { exact: true }).fill("Doors open at nine.");
      await desk.page.getByLabel("German", { exact: true }).fill("Einlass um neun.");
      await desk.press("Post it");
    }, "posted a notice: “Doors open at nine.”");
    await read;

    await german.page.locator("#now .aside", { hasText: "Alles ist verkauft." }).waitFor({ timeout: 200_000 });
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
