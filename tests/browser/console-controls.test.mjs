// The controls of the console: each is pressed once, tried against now, done, and taken back where
// it can be. With pictures, and with nothing in the way of a keyboard.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { openBrowser, openWindow } from "./look.mjs";
import { Person, Room } from "./room.mjs";
import { until, wholeWalk } from "./wait.mjs";

const controls = "/console/sales/demo/controls";
const day = 24 * 3600 * 1000;

let browser;
let room;
let ana;

before(async () => {
  browser = await openBrowser();
  room = await Room.open();
  ana = await Person.arrive(browser, room);
  await ana.accept(room.link, "Ana");
});

after(async () => {
  await browser?.close();
  await room?.close();
});

const section = (name) => {
  const heading = ana.page.getByRole("heading", { name, exact: true });
  return ana.page.locator("section").filter({ has: heading });
};
const press = (where, name) => section(where).getByRole("button", { name, exact: true }).click();
const sure = () => ana.visitor.sees("Is this what you mean?");
const does = async (told) => {
  await sure();
  await ana.visitor.sees(told);
  await ana.visitor.press("Do it");
};
const takesBack = async (told) => {
  await ana.visitor.press("Take the newest back");
  await does(told);
};

/** What a field for a time holds, so long from now where the reader is. */
const local = (ahead) => {
  const at = new Date(Date.now() + ahead);
  return new Date(at - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
};

describe("the controls", () => {
  test("calling, cap and pace are said, done and taken back", wholeWalk, async () => {
    const { page, visitor } = ana;
    await ana.goes(controls);
    await press("Calling", "Call up to the cap");
    await does("whatever is left");
    await visitor.sees("Ana set calling to the cap alone");
    await press("Calling", "Call for what is left");
    await sure();
    await visitor.sees("could be called now");
    await ana.looksAt("75-what-is-left");
    await visitor.press("Do it");
    await takesBack("Call up to the cap of");
    await press("Calling", "Pause calling");
    await does("Stop calling.");
    await press("Calling", "Call again");
    await does("Call again, up to the cap");
    await page.getByLabel("Most visitors called").fill("77");
    await press("Cap", "Set the cap");
    await does("to 77.");
    await page.getByLabel("Most calls a minute").fill("66");
    await press("Pace", "Set the pace");
    await does("to 66 calls a minute");
    await takesBack("Set the pace from 66 to 240");
    // All of it by the keyboard.
    const cap = page.getByLabel("Most visitors called");
    await visitor.tabTo(cap);
    await page.keyboard.press("Control+a");
    await page.keyboard.type("88");
    await page.keyboard.press("Enter");
    await sure();
    await visitor.tabTo(visitor.button("Do it"));
    await page.keyboard.press("Enter");
    await visitor.sees("Ana set the cap to 88");
  });

  test("words are shown for a while, planned, seen before, and taken back", wholeWalk, async () => {
    const { page, visitor } = ana;
    await ana.goes(controls);
    await page.getByLabel("English", { exact: true }).fill("A pause of ten minutes.");
    await page.getByLabel("German", { exact: true }).fill("Zehn Minuten Pause.");
    await page.getByLabel("Until, if not for good").fill(local(day));
    await press("Notice", "Post it");
    await sure();
    await visitor.sees("French sees English");
    const german = page.frameLocator("iframe[title='The waiting page in German']");
    await german.getByText("Zehn Minuten Pause.").waitFor();
    await page.frameLocator("iframe").first().getByText("A pause of ten minutes.").waitFor();
    await ana.looksAt("76-words-before");
    await visitor.press("Do it");
    await visitor.sees("It is taken away at");
    await page.getByLabel("English", { exact: true }).fill("Doors open.");
    await page.getByLabel("From, if not at once").fill(local(2 * day));
    await page.getByLabel("Until, if not for good").fill(local(3 * day));
    await press("Notice", "Post it");
    await does("in 47 hours");
    await visitor.sees("Ana planned a notice for");
    await ana.looksAt("77-planned");
    await press("Notice", "Take it back");
    await does("Take the planned words back");
    await takesBack("Doors open.");
    await press("Notice", "Take it away");
    await does("Take the notice away");
    await takesBack("Zehn Minuten Pause.");
    await page.getByLabel("English", { exact: true }).fill("Too late.");
    await page.getByLabel("From, if not at once").fill("2020-01-01T12:00");
    await press("Notice", "Post it");
    await visitor.sees("is past. It is");
    await ana.looksAt("78-refused");
  });

  test("a time is meant where it is typed", wholeWalk, async () => {
    const options = { timezoneId: "Asia/Kathmandu", storageState: await ana.visitor.window.storageState() };
    for (const [javaScriptEnabled, told] of [[true, "2040-01-01 06:15 UTC"], [false, "2040-01-01 12:00 UTC"]]) {
      const window = await openWindow(browser, { ...options, javaScriptEnabled });
      const page = await window.newPage();
      await page.goto(`${room.origin}${controls}`);
      const label = javaScriptEnabled ? /Asia\/Kat[h]?mandu/ : /UTC/;
      assert.match(await page.locator(".zone").first().textContent(), label);
      await page.getByLabel("English", { exact: true }).fill("Here");
      await page.getByLabel("From, if not at once").fill("2040-01-01T12:00");
      await page.getByRole("button", { name: "Post it", exact: true }).click();
      await page.getByText(`At ${told}`).waitFor();
      await window.close();
    }
  });

  test("a trigger is tried, set, acts, and is removed", wholeWalk, async () => {
    const { page, visitor } = ana;
    await ana.goes(controls);
    await page.getByText("Set a trigger", { exact: true }).click();
    await page.getByLabel("Name of the trigger").fill("nearly gone");
    await page.getByLabel("so many or fewer are available").check();
    await page.getByLabel("Available at most").fill("50");
    await page.getByLabel("Show in English").fill("Nearly gone.");
    await page.getByLabel("stop calling").check();
    await ana.looksAt("79-trigger");
    await press("Triggers", "Set the trigger");
    await does("Against now:");
    await visitor.sees("50 or fewer of the whole sale are available: show “Nearly gone.”, stop calling.");
    await ana.looksAt("80-triggers");
    await press("Triggers", "Remove nearly gone");
    await does("It will not act.");
    await takesBack("Set the trigger “nearly gone”");
    await press("Calling", "Open the sale now");
    await does("Open the sale now");
    await page.getByText("Set a trigger", { exact: true }).click();
    await page.getByLabel("Name of the trigger").fill("at once");
    await page.getByLabel("It watches").selectOption("performance");
    await page.getByLabel("Id of the performance").fill("tonight");
    await page.getByLabel("so many percent or more are sold").check();
    await page.getByLabel("Percent sold at least").fill("0");
    await page.getByLabel("stop calling").check();
    await press("Triggers", "Set the trigger");
    await does("it would act at once, and stop calling.");
    const acted = page.getByText("It has acted, at");
    await until(async () => (await acted.count()) > 0 || page.reload().then(() => false));
    await ana.looksAt("81-acted");
    await takesBack("Call again, up to the cap");
  });

  test("time, the way elsewhere and the end are said and done", wholeWalk, async () => {
    const { page, visitor } = ana;
    await ana.goes(controls);
    await press("Sale time", "Stop it");
    await does("Stop sale time");
    await press("Sale time", "Let it run");
    await does("Let sale time run again");
    await takesBack("Stop sale time");
    await takesBack("Let sale time run again");
    await page.getByLabel("Minutes to give everybody").fill("3");
    await press("Sale time", "Add time");
    await does("3 minutes more");
    await page.getByLabel("Address").fill("https://venue.example/later");
    await press("Send everyone elsewhere", "Send everyone there");
    await page.getByLabel("Type “everyone” to confirm").fill("everyone");
    await does("to https://venue.example/later.");
    await press("Send everyone elsewhere", "End it");
    await does("Send nobody elsewhere any more.");
    await press("The end", "Close the sale");
    await page.getByLabel("Type “everyone” to confirm").fill("everyone");
    await does("Close the sale for good");
    await visitor.sees("Closed.");
    await ana.looksAt("82-closed");
    await visitor.depart();
  });
});
