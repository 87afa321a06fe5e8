// One night of the demonstration: the built program, on free ports, with its data in a folder of
// its own. Nothing here knows pages.

import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { readFile, rm } from "node:fs/promises";
import { join, resolve } from "node:path";
import { once } from "node:events";

import { makeFolder } from "./folder.mjs";

const root = resolve(import.meta.dirname, "../..");
const program = resolve(root, process.env.STANCHION_BIN ?? "target/debug/stanchion");
const someFreePort = { public: "127.0.0.1:0", ops: "127.0.0.1:0", shop: "127.0.0.1:0" };

export class Night {
  #data;
  #addresses = someFreePort;
  #process;
  #said = "";
  #token;

  /** Starts a night without a crowd, and waits until it answers. */
  static async start({ opensIn }) {
    const night = new Night();
    night.#data = await makeFolder("night");
    await night.#begin(opensIn);
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
    await this.#change("changes", { action });
  }

  /** Changes the spans of the sale, such as `claim_span`: nobody waits here for what people need. */
  async hurry(spans) {
    let file = await readFile(join(this.#data, "files/demo/sale.toml"), "utf8");
    for (const [key, span] of Object.entries(spans)) {
      file = file.replace(new RegExp(`^${key} = .*$`, "m"), `${key} = "${span}"`);
    }
    await this.#change("definition", { file });
  }

  async #change(what, body) {
    const sale = `${this.ops}/v1/sales/demo`;
    const headers = { authorization: `Bearer ${this.#token}` };
    const { revision } = await (await fetch(sale, { headers })).json();
    const answer = await fetch(`${sale}/${what}`, {
      method: "POST",
      headers: { ...headers, "content-type": "application/json", "idempotency-key": randomUUID() },
      body: JSON.stringify({ revision, reason: "a walk in a browser", ...body }),
    });
    if (!answer.ok) throw new Error(`${JSON.stringify(body)}: ${await answer.text()}`);
  }

  /** What the server measures. */
  async metrics() {
    const headers = { authorization: `Bearer ${this.#token}` };
    return (await fetch(`${this.ops}/metrics`, { headers })).text();
  }

  /** The server is gone. */
  async stop() {
    if (this.#process?.exitCode !== null) return;
    const gone = once(this.#process, "exit");
    this.#process.kill("SIGTERM");
    await gone;
  }

  /** The server is back, where it was. */
  async goOn() {
    await this.#begin(0);
  }

  /** The night is over and forgotten. */
  async end() {
    await this.stop();
    await rm(this.#data, { recursive: true, force: true });
  }

  async #begin(opensIn) {
    const { public: ours, ops, shop } = this.#addresses;
    const places = ["--public", ours, "--ops", ops, "--shop", shop, "--data", this.#data];
    const asked = ["demo", "--crowd", "0", "--opens-in", String(opensIn), ...places];
    this.#said = "";
    this.#process = spawn(program, asked, { cwd: root, stdio: ["ignore", "pipe", "pipe"] });
    this.#process.stderr.pipe(process.stderr);
    for await (const text of this.#words()) {
      const at = (name) => text.match(new RegExp(`to ${name}\\s+http://([^/\\s]+)/`))?.[1];
      const token = text.match(/^\s+(sk_\S+)\n/m)?.[1];
      if (token) {
        this.#addresses = { public: at("queue"), ops: at("operate"), shop: at("shop") };
        this.#token = token;
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
