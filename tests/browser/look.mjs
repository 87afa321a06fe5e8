// Browsers, and what is true of every page: it fits a narrow screen, says nothing on the console,
// and loads nothing from elsewhere. Keeps a picture of each state under target/browser.

import assert from "node:assert/strict";
import { mkdir, readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";
import { chromium } from "playwright-core";

import { patience } from "./wait.mjs";

const pictures = resolve(import.meta.dirname, "../../target/browser");
// Run from outside, which no policy of a page forbids. The short one: it is read again for each page.
const judge = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const narrowest = { width: 320, height: 640 };
const screens = { phone: { width: 390, height: 844 }, desktop: { width: 1280, height: 800 } };
const quiet = [
  "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
  "--disable-background-networking", "--disable-component-update",
  // A name of this machine that is none for browsers: no lenience for loopback there.
  "--host-resolver-rules=MAP stanchion.test 127.0.0.1",
];

/** Where a picture is kept. */
export const picture = (name) => join(pictures, name);

/** Debian's Chromium, in the dark, with a fresh profile. */
export async function openBrowser() {
  await mkdir(pictures, { recursive: true });
  return chromium.launch({ executablePath: "/usr/bin/chromium", headless: true, args: quiet, timeout: patience });
}

/** A window with a fresh profile. */
export async function openWindow(browser, taste = {}) {
  const window = await browser.newContext(taste);
  window.setDefaultTimeout(patience);
  return window;
}

/** A visitor: a window of their own, watched from the first request on. */
export class Visitor {
  #faults = [];

  static async arrive(browser, night, { script, language = "en" }) {
    const visitor = new Visitor();
    const taste = { javaScriptEnabled: script, locale: language, viewport: screens.phone };
    visitor.window = await openWindow(browser, taste);
    visitor.window.on("request", (request) => visitor.#watch(request.url(), night.origins));
    visitor.window.on("console", (line) => visitor.#hear(line));
    visitor.window.on("weberror", (fault) => visitor.#faults.push(String(fault.error())));
    visitor.page = await visitor.window.newPage();
    return visitor;
  }

  /** Keeps pictures of this state, and makes sure that it fits everywhere. */
  async keep(name) {
    await this.#fits(name);
    for (const [screen, viewport] of Object.entries(screens)) {
      await this.page.setViewportSize(viewport);
      for (const colorScheme of ["light", "dark"]) {
        await this.page.emulateMedia({ colorScheme });
        const path = join(pictures, `${name}-${screen}-${colorScheme}.png`);
        await this.page.screenshot({ path, fullPage: true });
      }
    }
  }

  /** Keeps pictures of a page that has its scheme by itself, and makes sure that it fits. */
  async keepAs(name, scheme) {
    await this.#fits(name);
    for (const [screen, viewport] of Object.entries(screens)) {
      await this.page.setViewportSize(viewport);
      const path = join(pictures, `${name}-${screen}-${scheme}.png`);
      await this.page.screenshot({ path, fullPage: true });
    }
  }

  /** No rule of WCAG 2.2 AA, nor of good practice, that a machine can check is broken. */
  async isAccessible(name) {
    if (!(await this.page.evaluate(() => "axe" in globalThis))) await this.page.evaluate(judge);
    // What is well need not be described.
    const taste = { resultTypes: ["violations"] };
    const { violations } = await this.page.evaluate((taste) => globalThis.axe.run(taste), taste);
    const told = violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" ")}`);
    assert.deepEqual(told, [], name);
  }

  /** A button or a link. */
  button(name) {
    return this.page.getByRole("button", { name, exact: true });
  }

  link(name) {
    return this.page.getByRole("link", { name, exact: true });
  }

  async press(name) {
    await this.button(name).click();
  }

  async follow(name) {
    await this.link(name).click();
  }

  async sees(text) {
    await this.page.getByText(text).first().waitFor();
  }

  /** The figure after a label of the waiting page. */
  async figure(label) {
    const figure = this.page.locator(`dt:text-is("${label}") + dd`);
    // Who reads the run wants to know what was there instead.
    const shown = async (fault) => assert.fail(`${label}: ${fault}; ${await this.page.innerText("body")}`);
    return (await figure.textContent().catch(shown)).trim();
  }

  /** Tab until the control of this name has the focus; only what a keyboard reaches counts. */
  async tabTo(control) {
    await control.waitFor();
    for (let steps = 0; steps < 60; steps += 1) {
      await this.page.keyboard.press("Tab");
      if (await control.evaluate((found) => found === document.activeElement)) return;
    }
    assert.fail(`no keyboard reaches ${control}`);
  }

  /** The end of the visit: nothing went wrong on the way. */
  async depart() {
    await this.window.close();
    assert.deepEqual(this.#faults, []);
  }

  async #fits(name) {
    await this.page.setViewportSize(narrowest);
    const page = () => [document.documentElement.scrollWidth, innerWidth];
    const [wide, room] = await this.page.evaluate(page);
    assert.ok(wide <= room, `${name} is ${wide} px wide on a screen of ${room} px`);
  }

  #watch(url, origins) {
    const ours = origins.some((origin) => url === origin || url.startsWith(`${origin}/`));
    if (!ours) this.#faults.push(`asked for ${url}`);
  }

  #hear(line) {
    // A server that is stopped or killed on purpose, and a shop that says no, are no faults of a page.
    const meant = [
      "ERR_CONNECTION_REFUSED", "ERR_CONNECTION_RESET", "ERR_EMPTY_RESPONSE", "ERR_INCOMPLETE_CHUNKED_ENCODING",
      "ERR_INTERNET_DISCONNECTED", "409 (Conflict)",
    ];
    if (meant.some((text) => line.text().includes(text))) return;
    if (["error", "warning"].includes(line.type())) this.#faults.push(line.text());
  }
}
