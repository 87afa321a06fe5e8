// One night of the demonstration: the built program, on free ports, with its data in a folder of
// its own. Nothing here knows pages.

import { execFileSync, spawn } from "node:child_process";
import { appendFile, rm, statfs, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { once } from "node:events";

import { makeFolder } from "./folder.mjs";
import { Operator, unhurried } from "./operator.mjs";
import { freePort } from "./ports.mjs";

const root = resolve(import.meta.dirname, "../..");
const program = resolve(root, process.env.STANCHION_BIN ?? "target/debug/stanchion");
// A journal grows by more than this at a time.
const left_on_full_disk = 64 << 10;
const muchToWrite = [{ language: "en", text: "full" }, { language: "de", text: "voll ".repeat(140) }];
const run = (program, ...asked) => execFileSync(program, asked);
// Needs root, or leave to mount.
const mount = (folder, options) => run("mount", "-t", "tmpfs", "-o", options, "tmpfs", folder);

export class Night {
  #data;
  #disk;
  #addresses;
  #process;
  #said = "";
  #operator;
  #spans = unhurried;

  /** Starts a night without a crowd, and waits until it answers. `disk`: data on one of its own. */
  static async start({ opensIn, disk }) {
    const night = new Night();
    const address = async () => `127.0.0.1:${await freePort()}`;
    night.#addresses = { public: await address(), ops: await address(), shop: await address() };
    night.#disk = disk;
    night.#data = await makeFolder("night");
    if (disk) mount(night.#data, `size=${disk}`);
    await night.#begin(opensIn);
    await night.hurry({});
    return night;
  }

  get queue() {
    return `http://${this.#addresses.public}/demo`;
  }

  /** Where operators look. */
  get ops() {
    return `http://${this.#addresses.ops}`;
  }

  get shop() {
    return `http://${this.#addresses.shop}/`;
  }

  /** What the pages may load from. */
  get origins() {
    const { public: ours, ops, shop } = this.#addresses;
    const names = ["127.0.0.1", "localhost", "stanchion.test"];
    const ports = [ours, ops, shop].map((address) => address.split(":")[1]);
    return names.flatMap((name) => ports.map((port) => `http://${name}:${port}`));
  }

  /** Asks for something as an operator. */
  async operate(action) {
    await this.#operator.change("changes", { action });
  }

  /** Changes the spans of the sale, such as `claim_span`: nobody waits here for what people need. */
  async hurry(spans) {
    this.#spans = { ...this.#spans, ...spans };
    await this.#operator.setSpans(this.#spans);
  }

  /** All orders. */
  async orders() {
    return (await this.#operator.read("/orders")).baskets;
  }

  /** All baskets. */
  async baskets() {
    return (await this.#operator.read("/baskets")).baskets;
  }

  /** What the server measures. */
  async metrics() {
    return this.#operator.metrics();
  }

  /** The server is gone: asked to go, or as if by a power cut. */
  async stop(signal = "SIGTERM") {
    if (!this.#process || this.#process.exitCode !== null || this.#process.signalCode) return;
    const gone = once(this.#process, "exit");
    this.#process.kill(signal);
    await gone;
  }

  /** From here on its disk is full, and what it has to record cannot be. */
  async fillDisk() {
    const filler = join(this.#data, "filler");
    const { bavail, bsize } = await statfs(this.#data);
    await writeFile(filler, Buffer.alloc(Math.max(0, bavail * bsize - left_on_full_disk)));
    const writes = () => this.operate({ type: "post_notice", texts: muchToWrite }).then(() => true, () => false);
    while (await writes()) {
      await appendFile(filler, Buffer.alloc(4096)).catch(() => {});
    }
  }

  /** There is room on its disk again. */
  makeRoom() {
    mount(this.#data, "remount,size=64m");
  }

  /** The server is back, where it was. */
  async goOn() {
    // A start takes up what its own sale file says, once it serves.
    await this.#begin(0, /^Since the last start:/m);
    await this.hurry({});
  }

  /** The night is over and forgotten. */
  async end() {
    await this.stop();
    if (this.#disk) run("umount", this.#data);
    await rm(this.#data, { recursive: true, force: true });
  }

  async #begin(opensIn, until = /^/) {
    const { public: ours, ops, shop } = this.#addresses;
    const places = ["--public", ours, "--ops", ops, "--shop", shop, "--data", this.#data];
    const asked = ["demo", "--crowd", "0", "--opens-in", String(opensIn), ...places];
    this.#said = "";
    this.#process = spawn(program, asked, { cwd: root, stdio: ["ignore", "pipe", "pipe"] });
    this.#process.stderr.pipe(process.stderr);
    for await (const text of this.#words()) {
      const token = text.match(/^\s+(sk_\S+)\n/m)?.[1];
      if (token && until.test(text)) {
        this.#operator = new Operator({ ops: this.ops, token, data: this.#data });
        // What is said from here on is of no interest, but must be read.
        this.#process.stdout.resume();
        return;
      }
    }
    throw new Error(`${program} ended before it began: ${this.#said}`);
  }

  /** What the program has said so far, each time it says more. */
  async *#words() {
    for await (const chunk of this.#process.stdout.iterator({ destroyOnReturn: false })) {
      this.#said += chunk;
      yield this.#said;
    }
  }
}
