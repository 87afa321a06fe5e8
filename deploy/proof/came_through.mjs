// Whether a request came through Stanchion's gate; docs/gate.md says how a proof is made.
//
//     cameThrough(secret, request.headers["x-stanchion-proof"] ?? "", request.method, request.url)
//
// `secret` is what secrets.gate_origin says; `target` is the path and the query exactly as they
// came: `request.url` of node:http, `request.originalUrl` of Express.

import { createHmac, timingSafeEqual } from "node:crypto";

const FRESH_S = 60;

export function cameThrough(secret, proof, method, target) {
  const [claim, signature = ""] = proof.split(";s=");
  const hmac = createHmac("sha256", secret).update(`${claim}\n${target}`).digest("hex");
  const [made, sent] = [Buffer.from(hmac), Buffer.from(signature)];
  if (made.length !== sent.length || !timingSafeEqual(made, sent)) return false;
  const [version, at, asked] = claim.split(";");
  const fresh = Math.abs(Date.now() / 1000 - Number(at.slice("t=".length))) <= FRESH_S;
  return version === "v1" && asked === `m=${method}` && fresh;
}
