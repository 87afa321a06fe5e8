// The room of the operators: the built program with its console, on free ports, and people in it
// with a telephone each.

import { spawn } from "node:child_process";
import { createHmac } from "node:crypto";
import { once } from "node:events";
import { rm } from "node:fs/promises";
import { resolve } from "node:path";

import { makeFolder } from "./folder.mjs";
import { Visitor } from "./look.mjs";
import { Operator } from "./operator.mjs";

const root = resolve(import.meta.dirname, "../..");
const program = resolve(root, process.env.STANCHION_BIN ?? "target/debug/stanchion");
const nowhere = "127.0.0.1:0";

export const password = "a quiet evening";

/** One night with a console. */
export class Room {
  #data;
  #process;
  operator;
  guest;
  link;
  origin;
  queue;
  shop;

  /** A night that is left to whoever is in the room, unless a crowd is asked for. */
  static async open({ crowd = 0, opensIn = 3600, arriveOver = 5, paceOfLife = 10 } = {}) {
    return Room.openWith(["--crowd", crowd, "--opens-in", opensIn, "--arrive-over", arriveOver, "--pace-of-life", paceOfLife]);
  }

  /** The night that everybody gets who types this and nothing else, but for where it is. */
  static async openWith(night) {
    const room = new Room();
    room.#data = await makeFolder("room");
    const places = ["--public", nowhere, "--ops", nowhere, "--shop", nowhere, "--data", room.#data];
    const asked = ["demo", ...night, ...places];
    room.#process = spawn(program, asked.map(String), { cwd: root, stdio: ["ignore", "pipe", "inherit"] });
    let said = "";
    for await (const chunk of room.#process.stdout.iterator({ destroyOnReturn: false })) {
      said += chunk;
      room.guest = said.match(/to lead\s+(http:\S+)/)?.[1];
      room.link = said.match(/to manage\s+(http:\S+)/)?.[1];
      room.queue = said.match(/to queue\s+(http:\S+)/)?.[1];
      room.shop = said.match(/to shop\s+(http:\S+)\//)?.[1];
      const token = said.match(/^\s+(sk_\S+)\n/m)?.[1];
      if (room.link && room.queue && token) {
        room.#process.stdout.resume();
        room.origin = new URL(room.link).origin;
        room.operator = new Operator({ ops: room.origin, token, data: room.#data });
        return room;
      }
    }
    throw new Error(`${program} ended before it began: ${said}`);
  }

  /** What the pages may load from. */
  get origins() {
    return [this.origin, this.shop, new URL(this.queue).origin];
  }

  /** The server stands still, and does not know it. */
  halt() {
    this.#process.kill("SIGSTOP");
  }

  /** It goes on. */
  goOn() {
    this.#process.kill("SIGCONT");
  }

  /** The server is gone: asked to go, or as if by a power cut. */
  async stop(signal = "SIGTERM") {
    if (this.#process.exitCode !== null || this.#process.signalCode) return;
    const gone = once(this.#process, "exit");
    this.#process.kill(signal);
    await gone;
  }

  async close() {
    await this.stop();
    await rm(this.#data, { recursive: true, force: true });
  }
}

/** Somebody of the staff: a browser and a telephone. */
export class Person {
  #secret;
  // Of the newest code that was typed.
  #halfMinute = 0;

  static async arrive(browser, room) {
    const person = new Person();
    person.room = room;
    person.visitor = await Visitor.arrive(browser, room, { script: true });
    person.page = person.visitor.page;
    return person;
  }

  /** Comes in by a link for the first time. */
  async accept(link, name) {
    await this.page.goto(link);
    if (name) await this.page.getByLabel("Your name").fill(name);
    await this.page.getByLabel("A password").fill(password);
    await this.page.getByLabel("The same once more").fill(password);
    this.#secret = (await this.page.locator("code.secret").textContent()).replaceAll(" ", "");
    await this.page.getByLabel("Code", { exact: true }).fill(await this.code());
    await this.visitor.press("Come in");
    await this.visitor.sees("Sales");
  }

  async signIn(name, code) {
    await this.page.goto(`${this.room.origin}/console/sign-in`);
    await this.page.getByLabel("Name").fill(name);
    await this.page.getByLabel("Password").fill(password);
    await this.page.getByLabel("Code of your telephone").fill(code ?? (await this.code()));
    await this.visitor.press("Sign in");
  }

  /**
   * What the telephone shows now. No code counts twice, and one is good for half a minute more: a
   * second one in this half minute is the next one's, which a clock that is off would show.
   */
  async code() {
    const present = () => Math.floor(Date.now() / 30_000);
    while (present() < this.#halfMinute) await new Promise((resume) => setTimeout(resume, 500));
    this.#halfMinute = Math.max(present(), this.#halfMinute + 1);
    return codeOf(this.#secret, this.#halfMinute);
  }

  /** Looks at a page: pictures of it, and nothing in the way of who cannot see it. */
  async looksAt(name) {
    await this.visitor.keep(name);
    for (const colorScheme of ["light", "dark"]) {
      await this.page.emulateMedia({ colorScheme });
      await this.visitor.isAccessible(`${name} in the ${colorScheme}`);
    }
  }

  async goes(path) {
    await this.page.goto(`${this.room.origin}${path}`);
  }
}

/** The code of a half minute, counted since 1970 (RFC 6238). */
function codeOf(secret, halfMinute) {
  const bits = [...secret].map((letter) => {
    return "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".indexOf(letter).toString(2).padStart(5, "0");
  });
  const key = Buffer.from(bits.join("").match(/.{8}/g).map((byte) => parseInt(byte, 2)));
  const step = Buffer.alloc(8);
  step.writeBigUInt64BE(BigInt(halfMinute));
  const hash = createHmac("sha1", key).update(step).digest();
  const at = hash.at(-1) & 15;
  return String((hash.readUInt32BE(at) & 0x7fffffff) % 1000000).padStart(6, "0");
}
