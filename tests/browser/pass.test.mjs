// A shop on a host of its own that checks passes by itself: from its page to the queue and back, as a
// browser sees it, whose rules for forms and cookies no other client has.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { resolve } from "node:path";
import { after, before, describe, test } from "node:test";

import { Visitor, openBrowser } from "./look.mjs";
import { freePort } from "./ports.mjs";
import { waitForTurn } from "./steps.mjs";
import { Venue } from "./venue.mjs";
import { pause, wholeWalk } from "./wait.mjs";

const program = resolve(import.meta.dirname, "../../connect/node/shop.mjs");
let browser;
let venue;
let shop;
let process;

before(async () => {
  browser = await openBrowser();
  const [queue, at] = [await freePort(), await freePort()];
  shop = `http://localhost:${at}`;
  const gate = `[pass]\nissuer = "http://127.0.0.1:${queue}"\n[targets]\norigins = ["${shop}"]\n`;
  venue = await Venue.open({ zone: "Europe/Berlin", words: {}, public: queue, opens: "2020-01-15T20:00:00", gate });
  process = spawn("node", [program, `http://127.0.0.1:${queue}`, "gala", shop], { stdio: "inherit" });
  for (let answers = false; !answers; ) {
    assert.equal(process.exitCode, null, "the shop is there");
    answers = await fetch(`${shop}/`, { redirect: "manual" }).catch(() => pause(100));
  }
});

after(async () => {
  process?.kill("SIGTERM");
  await venue?.close();
  await browser?.close();
});

describe("a shop that checks passes by itself", () => {
  for (const script of [true, false]) {
    test(script ? "with scripts" : "without scripts", wholeWalk, async () => {
      const origins = [...venue.origins, shop];
      const visitor = await Visitor.arrive(browser, { origins }, { script });
      await visitor.page.goto(`${shop}/shows/1?seat=A%2012`);
      assert.equal(new URL(visitor.page.url()).origin, new URL(venue.queue).origin);
      await visitor.press("Join the queue");
      await waitForTurn(visitor);
      await visitor.press("Go in now");
      await visitor.page.waitForURL(`${shop}/shows/1?seat=A%2012`);
      assert.match(await visitor.page.textContent("body"), /^GET \/shows\/1\?seat=A%2012 with pass \d+/);
      const cookies = await visitor.window.cookies();
      assert.ok(cookies.every(({ httpOnly, sameSite }) => httpOnly && sameSite === "Lax"));
      await visitor.depart();
    });
  }
});
