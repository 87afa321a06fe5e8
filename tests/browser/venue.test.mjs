// A venue's own words: a language that is written from right to left, and the times of the venue for
// who has no script.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { Visitor, openBrowser, openWindow } from "./look.mjs";
import { Venue } from "./venue.mjs";
import { wholeWalk } from "./wait.mjs";

const arabic = `
figure-group = ٬
welcome = هناك طابور لهذا البيع
welcome-more = انضم إليه ويُحفظ مكانك.
opens = يبدأ البيع في { $at }.
join = انضم إلى الطابور
waiting = أنت في الطابور
waiting-more = أبقِ هذه الصفحة مفتوحة، وستخبرك عندما يحين دورك.
called = حان دورك
called-more = ادخل الآن.
claim = ادخل الآن
number = رقمك في الطابور
ahead = أمامك
wait = الانتظار المتوقع
wait-minutes = من { $from } إلى { $to } دقيقة
left-heading = المتبقي
performance = العرض
availability = المتاح
available = المتاح { NUMBER($n) }
`;
const states = ["welcome-before", "waiting", "called", "notice", "in-baskets", "lost"];
let browser;
let venue;

before(async () => {
  browser = await openBrowser();
  venue = await Venue.open({ zone: "Europe/Berlin", words: { ar: arabic } });
});

after(async () => {
  await venue?.close();
  await browser?.close();
});

describe("a venue's own words", () => {
  test("a language that runs from right to left fits and is readable", wholeWalk, async () => {
    const visitor = await Visitor.arrive(browser, venue, { script: true, language: "ar" });
    const { page } = visitor;
    for (const state of states) {
      if (state === "lost") {
        await page.goto(venue.queue);
        await page.evaluate(() => { document.getElementById("lost").hidden = false; });
      } else {
        await page.goto(`${venue.ops}/gala/preview?state=${state}&language=ar&scheme=light`);
      }
      assert.equal(await page.getAttribute("html", "dir"), "rtl");
      await visitor.keepAs(`52-ar-${state}`, "light");
      await visitor.isAccessible(`${state} in Arabic`);
      const right = await page.evaluate(() => {
        const words = document.createRange();
        words.selectNodeContents(document.querySelector("h1"));
        const [line, main] = [words.getBoundingClientRect(), document.querySelector("main").getBoundingClientRect()];
        return Math.abs(main.right - line.right) < main.width / 4;
      });
      assert.ok(right, `${state}: the heading begins on the right`);
    }
    await visitor.depart();
  });

  test("without a script, times are those of the venue, and with one the visitor's", wholeWalk, async () => {
    const visitor = await Visitor.arrive(browser, venue, { script: false });
    await visitor.page.goto(venue.queue);
    await visitor.sees("The sale opens 2035-01-15 20:00 CET.");
    await visitor.sees("2035-02-01 19:30 CET");
    await visitor.depart();
    const far = await openWindow(browser, { locale: "en", timezoneId: "Asia/Tokyo" });
    const page = await far.newPage();
    await page.goto(venue.queue);
    await page.getByText(/The sale opens Jan 16, 2035, 4:00\sAM\./).waitFor();
    await far.close();
  });
});
