// Lets in who has a pass: for a shop on Node that checks passes by itself.
//
//   const door = new Door({ queue: "https://queue.example.org", sale: "gala",
//                           shop: "https://shop.example.org" });
//   createServer(async (request, response) => {
//     const pass = await door.admit(request, response);
//     if (pass === null) return;   // on the way to the queue, or turned away: answered already
//     …
//   });
//
// No call to the queue is made for a visitor; its public keys are fetched every few minutes, and when
// a token names one that is not known yet. Needs nothing but Node 18.
import { createHash, createPublicKey, randomBytes, verify } from "node:crypto";

const SEED = "stanchion_seed";
const PASS = "stanchion_pass";
const PARAMETER = "stanchion";
// Keys are believed for so long.
const KEYS_AGE_MS = 300_000;
// Between two looks at them: whoever sends tokens with made-up keys is not to make us ask.
const LOOK_PAUSE_MS = 10_000;
const LOOK_MS = 5_000;

export class Door {
  #keys = Promise.resolve(new Map());
  #lookedAt = -Infinity;

  constructor({ queue, sale, shop }) {
    Object.assign(this, { queue, sale, shop, secure: shop.startsWith("https:") });
  }

  /// The number of the visitor's pass; `null` if the response was sent.
  async admit(request, response) {
    const [url, handed] = this.#address(request);
    const cookies = cookiesOf(request);
    const reads = request.method === "GET" || request.method === "HEAD";
    const page = reads && wantsPage(request);
    if (handed !== null && reads && (await this.#check(handed, cookies.get(SEED)))) {
      return this.#send(response, url, [this.#cookie(PASS, handed)]);
    }
    const claims = await this.#check(cookies.get(PASS), cookies.get(SEED));
    if (claims && (!page || now() < claims.renew)) return claims.pass;
    if (!page) {
      const type = "text/plain; charset=utf-8";
      response.writeHead(403, { "content-type": type, "cache-control": "no-store" });
      response.end("Your time in the shop is over. Load the page again to come back.\n");
      return null;
    }
    const seed = cookies.get(SEED) ?? randomBytes(32).toString("base64url");
    const go = new URL(`/${this.sale}/go`, this.queue);
    go.searchParams.set("to", url);
    go.searchParams.set("bound", hash(seed));
    return this.#send(response, go.href, [this.#cookie(SEED, seed)]);
  }

  /// The address that was asked for, without a token, and the token that was handed over.
  #address(request) {
    const [path, ...query] = request.url.split("?");
    const pairs = query.join("?").split("&").filter((pair) => pair !== "");
    const mark = `${PARAMETER}=`;
    const handed = pairs.find((pair) => pair.startsWith(mark));
    const rest = pairs.filter((pair) => !pair.startsWith(mark)).join("&");
    const url = `${this.shop}${path}${rest && `?${rest}`}`;
    return [url, handed === undefined ? null : handed.slice(mark.length)];
  }

  /// What a token says, if the queue signed it for this shop, this sale and this browser.
  async #check(token, seed) {
    try {
      const [head, body, signature] = token.split(".");
      const { alg, kid } = JSON.parse(Buffer.from(head, "base64url"));
      const key = alg === "EdDSA" && (await this.#key(kid));
      const signed = Buffer.from(`${head}.${body}`);
      if (!key || !verify(null, signed, key, Buffer.from(signature, "base64url"))) return null;
      const claims = JSON.parse(Buffer.from(body, "base64url"));
      const ours = claims.iss === this.queue && claims.aud === this.shop && claims.sale === this.sale;
      return ours && now() < claims.exp && claims.bound === hash(seed) ? claims : null;
    } catch {
      return null; // no token, or none that can be read
    }
  }

  async #key(kid) {
    const known = await this.#keys;
    const age = Date.now() - this.#lookedAt;
    if (age > KEYS_AGE_MS || (!known.has(kid) && age > LOOK_PAUSE_MS)) {
      this.#lookedAt = Date.now();
      // Those who come meanwhile wait for the same answer; if there is none, the keys stay.
      this.#keys = this.#look().catch(() => known);
    }
    return (await this.#keys).get(kid);
  }

  async #look() {
    const where = new URL("/.well-known/jwks.json", this.queue);
    const answer = await fetch(where, { signal: AbortSignal.timeout(LOOK_MS) });
    const { keys } = await answer.json();
    return new Map(keys.map((jwk) => [jwk.kid, createPublicKey({ key: jwk, format: "jwk" })]));
  }

  #cookie(name, value) {
    return `${name}=${value}; Path=/; HttpOnly; SameSite=Lax${this.secure ? "; Secure" : ""}`;
  }

  #send(response, location, cookies) {
    response.writeHead(303, { location, "set-cookie": cookies, "cache-control": "no-store" });
    response.end();
    return null;
  }
}

const now = () => Math.floor(Date.now() / 1000);

const hash = (seed) => createHash("sha256").update(seed).digest("base64url");

/// Whether the browser goes to a page. Its scripts may not read what a redirect to another host
/// leads to, so they get none.
function wantsPage({ headers }) {
  const mode = headers["sec-fetch-mode"];
  return mode === undefined ? (headers.accept ?? "").includes("text/html") : mode === "navigate";
}

function cookiesOf(request) {
  const pairs = (request.headers.cookie ?? "").split(/; */).map((pair) => pair.split("="));
  return new Map(pairs.map(([name, ...rest]) => [name, rest.join("=")]));
}
