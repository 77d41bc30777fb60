// What is asked over HTTP, in a process of its own: node http-server.ts tandem | yoga | constant
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createYoga } from 'graphql-yoga';
import { schema } from '../../src/graphql.ts';
import { simulated } from '../../test/support/simulated.ts';

const engines = 10;
const [which] = process.argv.slice(2);

// Whoever is measured, a whole service on the embedded engine is behind it, with the same engines.
await using world = await simulated({ env: { LOG_LEVEL: 'error' } });
const query = `mutation { provisionEngines(input: { count: ${engines} }) { errors { message } } }`;
const { body } = await world.tandem.answer({ query });
if (JSON.stringify(body) !== '{"data":{"provisionEngines":{"errors":[]}}}')
  throw new Error(JSON.stringify(body));

const constant = Buffer.from('{"data":{"fleet":{"running":10}}}');
const others: Readonly<Record<string, RequestListener>> = {
  // As its documentation has it.
  yoga: createYoga({ schema, context: { ...world.tandem.app.context, viewer: { role: 'ALL' } } }),
  constant: (request, response) => {
    const headers = { 'content-type': 'application/json', 'content-length': constant.length };
    request.resume().on('end', () => response.writeHead(200, headers).end(constant));
  },
};
const other = others[which ?? ''];
const server = createServer(other);
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
const port = other ? (server.address() as AddressInfo).port : new URL(world.tandem.url).port;
console.log(`listening at ${port}\n`);
await new Promise((resolve) => process.once('SIGTERM', resolve));
server.close();
server.closeAllConnections();
