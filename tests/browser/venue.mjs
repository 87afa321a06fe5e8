// A venue with a look and words of its own: the server without the demonstration, on free ports.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";

import { makeFolder } from "./folder.mjs";

const root = resolve(import.meta.dirname, "../..");
const program = resolve(root, process.env.STANCHION_BIN ?? "target/debug/stanchion");
const settings = (port, gate) => `
sales = ["sale.toml"]
[public]
address = "127.0.0.1:${port}"
[ops]
address = "127.0.0.1:0"
[data]
directory = "data"
[journal]
mode = "memory"
${gate ? "[gate]\nfile = \"gate.toml\"" : ""}
`;
const sale = (zone, opens) => `
id = "gala"
name = "Gala"
currency = "EUR"
time_zone = "${zone}"
opens_at = "${opens}"
theme = "theme.toml"
[[zones]]
id = "floor"
name = "Floor"
amount = "50.00"
[[performances]]
id = "night"
name = "Night"
starts_at = "2035-02-01T19:30:00"
pools = [{ id = "standing", name = "Standing", zone = "floor", capacity = 1000 }]
`;

/** A server that sells one evening. */
export class Venue {
  #folder;
  #process;
  queue;
  ops;

  /** Opens with these files of words, by the tag of their language, and perhaps with a gate file. */
  static async open({ zone, words, opens = "2035-01-15T20:00:00", public: port = 0, gate }) {
    const venue = new Venue();
    venue.#folder = await makeFolder("venue");
    const put = (name, text) => writeFile(join(venue.#folder, name), text);
    await mkdir(join(venue.#folder, "words"));
    await put("stanchion.toml", settings(port, gate));
    await put("sale.toml", sale(zone, opens));
    if (gate) await put("gate.toml", gate);
    await put("theme.toml", "words = \"words\"\n");
    for (const [tag, text] of Object.entries(words)) await put(`words/${tag}.ftl`, text);
    await venue.#begin();
    return venue;
  }

  get origins() {
    return [new URL(this.queue).origin, this.ops];
  }

  async close() {
    const gone = once(this.#process, "exit");
    this.#process.kill("SIGTERM");
    await gone;
    await rm(this.#folder, { recursive: true, force: true });
  }

  async #begin() {
    const asked = ["serve", "--config", "stanchion.toml"];
    this.#process = spawn(program, asked, { cwd: this.#folder, stdio: ["ignore", "pipe", "inherit"] });
    let said = "";
    for await (const chunk of this.#process.stdout.iterator({ destroyOnReturn: false })) {
      said += chunk;
      const at = (name) => said.match(new RegExp(`^${name}\\s+http://(\\S+)$`, "m"))?.[1];
      if (at("public") && at("ops")) {
        this.#process.stdout.resume();
        this.queue = `http://${at("public")}/gala`;
        this.ops = `http://${at("ops")}`;
        return;
      }
    }
    throw new Error(`${program} ended before it began: ${said}`);
  }
}
