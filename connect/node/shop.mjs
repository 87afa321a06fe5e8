// A shop of one page behind the door, to try it with.
//
//   node shop.mjs https://queue.example.org gala http://127.0.0.1:9000
import { createServer } from "node:http";
import { Door } from "./stanchion.mjs";

const [queue, sale, shop] = process.argv.slice(2);
const door = new Door({ queue, sale, shop });
const { hostname, port } = new URL(shop);

createServer(async (request, response) => {
  const pass = await door.admit(request, response);
  if (pass === null) return;
  response.writeHead(200, { "content-type": "text/plain; charset=utf-8" });
  response.end(`${request.method} ${request.url} with pass ${pass}\n`);
}).listen(port, hostname);
