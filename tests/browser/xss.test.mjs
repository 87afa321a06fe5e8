// Texts that want to be more than text, put wherever anybody can put one: none runs on any page,
// and none becomes an element.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { openBrowser, openWindow } from "./look.mjs";
import { Person, Room } from "./room.mjs";
import { wholeWalk } from "./wait.mjs";

let browser;

before(async () => {
  browser = await openBrowser();
});

after(async () => {
  await browser?.close();
});

// Ends an attribute, an element, a script, a title, and goes on as something that runs.
const evil =
  `"'></script></title></textarea><xss-a onclick=hurt()></xss-a>` +
  `<img src=x onerror="globalThis.hurt=1"><script>globalThis.hurt=1;alert(1)</script>`;

/** Hears whatever runs on a page, from the first document on. */
function listen(page, heard) {
  page.on("dialog", async (dialog) => {
    heard.push(`a dialog: ${dialog.message()}`);
    await dialog.dismiss();
  });
  page.on("console", (line) => {
    // An address that is none is answered as what it is; whatever else is said was made to be.
    if (line.type() !== "error" || !/status of 4\d\d/.test(line.text())) heard.push(line.text());
  });
}

async function isClean(page, name, heard) {
  const found = await page.evaluate(() => ({
    ran: "hurt" in globalThis,
    elements: document.querySelectorAll("xss-a, img[src=x], [onerror], [onclick]").length,
    links: [...document.querySelectorAll("a, form")].filter((link) =>
      /^\s*(javascript|data):/i.test(link.getAttribute("href") ?? link.getAttribute("action") ?? "")).length,
  }));
  assert.deepEqual(found, { ran: false, elements: 0, links: 0 }, name);
  assert.deepEqual(heard, [], name);
}

/** Fills every field of every form of a page, and sends each by each of its buttons. */
async function sendAll(page, address, heard) {
  await page.goto(address);
  const forms = await page.locator("main form").count();
  for (let at = 0; at < forms; at += 1) {
    const buttons = await page.locator("main form").nth(at).locator("button").count();
    for (let button = 0; button < buttons; button += 1) {
      await page.goto(address);
      // In one step: a page that goes on could put another form there in between.
      await page.evaluate(([at, text]) => {
        const form = document.querySelectorAll("main form")[at];
        form.noValidate = true;
        form.closest("details")?.setAttribute("open", "");
        for (const field of form.querySelectorAll("input:not([type=hidden]), textarea")) {
          field.removeAttribute("maxlength");
          field.type = field.tagName === "INPUT" ? "text" : field.type;
          field.value = text;
        }
      }, [at, evil]);
      const press = page.locator("main form").nth(at).locator("button").nth(button);
      await Promise.all([page.waitForNavigation(), press.click()]);
      await isClean(page, `form ${at}, button ${button} of ${address}`, heard);
    }
  }
}

describe("hostile texts", () => {
  test("run nowhere, whoever wrote them", wholeWalk, async () => {
    const room = await Room.open({ opensIn: 0 });
    try {
      const heard = [];
      const ana = await Person.arrive(browser, room);
      listen(ana.page, heard);
      await ana.accept(room.link, "Ana");
      const sale = `${room.origin}/console/sales/demo`;
      await ana.goes("/console/sales/demo/controls");
      await ana.page.getByLabel("English", { exact: true }).fill(evil);
      await ana.visitor.press("Post it");
      await ana.page.getByLabel("Why").fill(evil);
      await isClean(ana.page, "what a notice will do", heard);
      await ana.visitor.press("Do it");
      await ana.visitor.sees("Ana posted a notice");
      for (const path of ["/controls", "/find"]) await sendAll(ana.page, sale + path, heard);
      await sendAll(ana.page, `${room.origin}/console/accounts`, heard);
      await ana.page.goto(sale);
      const tabs = await ana.page.locator("nav.tabs a").evaluateAll((links) => links.map((link) => link.href));
      const typed = encodeURIComponent(evil);
      const others = [`${sale}/find?what=${typed}`, `${sale}/find?what=1`, `${sale}${typed}`];
      const pages = [`${room.origin}/console`, `${room.origin}/console/book`, ...tabs, ...others];
      for (const address of pages) {
        await ana.page.goto(address);
        await isClean(ana.page, address, heard);
      }
      const guest = await (await openWindow(browser)).newPage();
      listen(guest, heard);
      await guest.goto(`${room.queue}?said=${typed}&was=${typed}`);
      await isClean(guest, "the welcome", heard);
      await guest.getByRole("button", { name: "Join the queue" }).click();
      await guest.getByText("xss-a").first().waitFor();
      await isClean(guest, "the queue", heard);
      const arrive = new URL(room.queue);
      await sendAll(guest, arrive.href, heard);
      for (const path of [`/${typed}`, `/demo/look/${typed}`, `/v1/sales/${typed}`]) {
        await guest.goto(arrive.origin + path);
        await isClean(guest, path, heard);
      }
      await shop(room, guest, heard);
    } finally {
      await room.close();
    }
  });
});

/** The shop: addresses and forms that somebody made up. */
async function shop(room, guest, heard) {
  const typed = encodeURIComponent(evil);
  for (const path of ["", `performances/${typed}`, `baskets/${typed}`, `orders/${typed}`, `?x=${typed}`]) {
    await guest.goto(`${room.shop}/${path}`);
    await isClean(guest, `the shop at ${path}`, heard);
  }
  for (const path of ["holds", "release", "checkout", "pay", "cancel", "leave"]) {
    await guest.goto(room.shop);
    const sends = () => guest.evaluate(({ to, text }) => {
      const form = document.body.appendChild(document.createElement("form"));
      Object.assign(form, { method: "post", action: `/${to}` });
      const names = ["key", "basket", "hold", "performance", "seats", "zone_price", "pool", "units", "outcome"];
      for (const name of names) {
        const field = form.appendChild(document.createElement("input"));
        Object.assign(field, { name, value: text });
      }
      form.submit();
    }, { to: path, text: evil });
    await Promise.all([guest.waitForNavigation(), sends()]);
    await isClean(guest, `the shop's ${path}`, heard);
  }
}
