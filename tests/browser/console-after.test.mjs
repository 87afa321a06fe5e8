// After the night: the report, on screen, on paper and as a file, and the night across a restart.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { after, before, test } from "node:test";

import { openBrowser, openWindow } from "./look.mjs";
import { Person, Room } from "./room.mjs";
import { pause, until, wholeWalk } from "./wait.mjs";

const pictures = resolve(import.meta.dirname, "../../target/browser");
const report = "/console/sales/demo/after";
// Until a crowd has bought something, and there is a curve of it.
const aNight = 120_000;
let browser;

before(async () => {
  browser = await openBrowser();
});

after(async () => {
  await browser?.close();
});

test("the night is read, printed and kept", wholeWalk, async () => {
  const room = await Room.open({ crowd: 120, opensIn: 3 });
  try {
    const ana = await Person.arrive(browser, room);
    const { page, visitor } = ana;
    await ana.accept(room.link, "Ana");
    await ana.goes(report);
    await visitor.sees("In short");
    // Until there is a curve to look at, and something was sold.
    const drawn = page.locator(".picture polyline");
    const sold = page.locator('dt:text-is("Orders") + dd');
    await until(async () => {
      if ((await drawn.count()) >= 6 && (await sold.textContent()) !== "0") return true;
      await pause(1_000);
      return page.reload().then(() => false);
    }, aNight);
    const charts = await page.locator(".picture svg").count();
    await page.getByText("The curves as a table").click();
    await ana.looksAt("80-after");
    await page.getByText("The curves as a table").click();
    // On paper: black on white whatever the screen is, and nothing to press.
    await page.emulateMedia({ media: "print", colorScheme: "dark" });
    await page.setViewportSize({ width: 700, height: 990 });
    for (const gone of ["header", ".tabs", ".unprinted", "details"]) {
      assert.equal(await page.locator(gone).first().isVisible(), false, gone);
    }
    const ink = await page.evaluate(() => {
      const body = getComputedStyle(document.body);
      return [body.color, body.backgroundColor];
    });
    assert.deepEqual(ink, ["rgb(0, 0, 0)", "rgb(255, 255, 255)"]);
    await page.screenshot({ path: resolve(pictures, "81-after-print.png"), fullPage: true });
    await page.pdf({ path: resolve(pictures, "81-after.pdf"), format: "A4" });
    await page.emulateMedia({ media: "screen", colorScheme: "light" });
    // As a file: without this server.
    const coming = page.waitForEvent("download");
    await visitor.follow("save it as a file");
    const file = resolve(pictures, "82-report.html");
    await (await coming).saveAs(file);
    const alone = await openWindow(browser, { offline: true, viewport: { width: 1280, height: 800 } });
    const copy = await alone.newPage();
    await copy.goto(`file://${file}`);
    assert.equal(await copy.locator(".picture svg").count(), charts);
    const line = copy.locator(".line-1").first();
    assert.notEqual(await line.evaluate((found) => getComputedStyle(found).stroke), "none");
    await copy.screenshot({ path: resolve(pictures, "82-after-saved.png"), fullPage: true });
    await alone.close();
    const table = page.waitForEvent("download");
    await visitor.follow("orders.csv");
    const rows = await readFile(await (await table).path(), "utf8");
    assert.match(rows, /^id,number,.*\r\n[0-9a-f]{32},\d+,20/);
    await ana.goes("/console/book");
    await visitor.sees("orders.csv of demo");
    await visitor.sees("save report");
    await visitor.depart();
  } finally {
    await room.close();
  }
});
