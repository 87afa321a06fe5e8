// Ports that stay free while the server that listens on them is away for a while.

import { randomInt } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:net";

// Below those that systems give away by themselves: to whoever asks for port 0, and to the near end
// of each connection.
const [lowest, highest] = [20_000, 32_000];
// Whoever was given one may not listen on it yet, or just now.
const given = new Set();

/** A port of this machine that nobody listens on, and that nobody else here was given. */
export async function freePort() {
  for (;;) {
    const port = randomInt(lowest, highest);
    if (given.has(port)) continue;
    given.add(port);
    const server = createServer().listen(port, "127.0.0.1");
    const free = await once(server, "listening").then(() => true, () => false);
    if (!free) continue;
    server.close();
    await once(server, "close");
    return port;
  }
}
