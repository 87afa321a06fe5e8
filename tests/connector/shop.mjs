// A small shop with the connector of a hosted waiting room, as it comes from npm: nothing of it is
// changed but the address of the queue, the prefix and the secret.
//
//   node shop.mjs '{"address": "127.0.0.1:9000", "queueDomain": "127.0.0.1:8080", …}'
//
// With an `apiKey` it fetches its integration configuration from the queue, and asks for passes as
// that says; without, it asks for one on every page, and gives it up on /leave.
import { createHmac } from "node:crypto";
import { createServer } from "node:http";
import connector from "@queue-it/connector-javascript";

const { KnownUser, QueueEventConfig, CancelEventConfig } = connector;
const settings = JSON.parse(process.argv[2]);
const { address, queueDomain, queuePathPrefix, secretKey, customerId, eventId, apiKey } = settings;

const VERSION = 3;
// Of a page below /limited, somebody may see so many.
const USES_MAX = 2;
const uses = new Map();

// What the connector asks of a platform, as for every one.
function context(request, response) {
  const cookies = new Map(
    (request.headers.cookie ?? "").split("; ").map((pair) => {
      const at = pair.indexOf("=");
      return [pair.slice(0, at), decodeURIComponent(pair.slice(at + 1))];
    }),
  );
  return {
    getHttpRequest: () => ({
      getUserAgent: () => request.headers["user-agent"] ?? "",
      getHeader: (name) => request.headers[name.toLowerCase()] ?? "",
      getAbsoluteUri: () => `http://${address}${request.url}`,
      getUserHostAddress: () => request.headers["x-forwarded-for"] ?? request.socket.remoteAddress,
      getCookieValue: (name) => cookies.get(name),
      getRequestBodyAsString: () => "",
    }),
    getHttpResponse: () => ({
      setCookie: (name, value, domain, expires) => {
        const until = new Date(expires * 1000).toUTCString();
        const text = `${name}=${encodeURIComponent(value)}; Path=/; Expires=${until}; HttpOnly`;
        response.appendHeader("set-cookie", text);
      },
    }),
    getCryptoProvider: () => ({
      getSha256Hash: (key, text) => createHmac("sha256", key).update(text).digest("hex"),
    }),
    getEnqueueTokenProvider: () => null,
    getVerifyActionService: () => ({
      verify: async (_customer, _room, queueId, most) => {
        uses.set(queueId, (uses.get(queueId) ?? 0) + 1);
        return uses.get(queueId) <= most;
      },
    }),
  };
}

async function integrations() {
  const at = `http://${queueDomain}/status/integrationconfig/secure/${customerId}`;
  const answer = await fetch(at, { headers: { "api-key": apiKey } });
  if (!answer.ok) throw new Error(`${at}: ${answer.status}`);
  return await answer.text();
}

const fetched = apiKey ? await integrations() : null;

async function judge(url, token, provider) {
  if (fetched) {
    return await KnownUser.validateRequestByIntegrationConfig(
      url, token, fetched, customerId, secretKey, provider,
    );
  }
  const path = new URL(url).pathname;
  if (path === "/leave") {
    const config = new CancelEventConfig(
      [eventId], queueDomain, queuePathPrefix, "", true, false, VERSION, "leave",
    );
    return KnownUser.cancelRequestByLocalConfig(url, token, config, customerId, secretKey, provider);
  }
  const limited = path.startsWith("/limited");
  const config = new QueueEventConfig(
    eventId, [], "", "", queueDomain, queuePathPrefix, true, 20, "", true, false, VERSION, "shop",
    limited, limited ? USES_MAX : null,
  );
  return await KnownUser.resolveQueueRequestByLocalConfig(
    url, token, config, customerId, secretKey, provider,
  );
}

async function answer(request, response) {
  const whole = `http://${address}${request.url}`;
  const token = new URL(whole).searchParams.get("queueittoken");
  const bare = whole.replace(/([?&])queueittoken=[^&]*/i, "").replace(/[?&]$/, "");
  const result = await judge(bare, token, context(request, response));
  if (result.doRedirect()) {
    response.setHeader("cache-control", "no-store");
    if (result.isAjaxResult) {
      const name = result.getAjaxQueueRedirectHeaderKey();
      response.setHeader(name, result.getAjaxRedirectUrl());
      response.setHeader("access-control-expose-headers", name);
      response.end();
      return;
    }
    response.writeHead(302, { location: result.redirectUrl }).end();
    return;
  }
  if (token && result.actionType === "Queue") {
    response.writeHead(302, { location: bare }).end();
    return;
  }
  response.end(`${request.method} ${request.url} by ${result.queueId}\n`);
}

const [host, port] = address.split(":");
createServer((request, response) => {
  answer(request, response).catch((fault) => {
    console.error(fault);
    response.writeHead(500).end(String(fault));
  });
}).listen(port, host);
