// What operators ask of the demonstration by its interface, without a page.

import { randomUUID } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";

/** The spans of the demonstration are for a crowd. Whoever tests is as slow as their machine. */
export const unhurried = {
  claim_span: "10m",
  idle_span: "10m",
  hold_span: "10m",
  checkout_span: "10m",
  basket_span_max: "30m",
};

export class Operator {
  #ops;
  #token;
  #data;

  /** Of a server whose ops listener is there, by this key; `data` is where the night is kept. */
  constructor({ ops, token, data }) {
    this.#ops = ops;
    this.#token = token;
    this.#data = data;
  }

  /** The spans of the sale are those of its file, but for these. */
  async setSpans(spans) {
    let file = await readFile(join(this.#data, "files/demo/sale.toml"), "utf8");
    for (const [key, span] of Object.entries(spans)) {
      file = file.replace(new RegExp(`^${key} = .*$`, "m"), `${key} = "${span}"`);
    }
    await this.change("definition", { file });
  }

  async read(what = "") {
    return (await this.#ask(`/v1/sales/demo${what}`)).json();
  }

  /** What the server measures. */
  async metrics() {
    return (await this.#ask("/metrics")).text();
  }

  /** Changes the sale, whatever somebody else or a trigger changes meanwhile. */
  async change(what, body) {
    for (;;) {
      const { revision } = await this.read();
      const answer = await this.#ask(`/v1/sales/demo/${what}`, {
        method: "POST",
        headers: { "content-type": "application/json", "idempotency-key": randomUUID() },
        body: JSON.stringify({ revision, reason: "a walk in a browser", ...body }),
      });
      if (answer.ok) return;
      const said = await answer.text();
      if (!said.includes("stale_revision")) throw new Error(`${JSON.stringify(body)}: ${said}`);
    }
  }

  #ask(path, { headers, ...asked } = {}) {
    const signed = { authorization: `Bearer ${this.#token}`, ...headers };
    return fetch(this.#ops + path, { ...asked, headers: signed });
  }
}
