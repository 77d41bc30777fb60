// Keeps connections busy with one request, and tells how many were answered: node load.ts <options as JSON>
import { connect } from 'node:net';

interface Load {
  readonly port: number;
  readonly body: string;
  readonly connections: number;
  readonly seconds: number;
}

const { port, body, connections, seconds }: Load = JSON.parse(process.argv[2] ?? '{}');
const request = Buffer.from(
  `POST /graphql HTTP/1.1\r\nHost: localhost:${port}\r\nContent-Type: application/json\r\nAccept: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
);

let answered = 0;
const took: number[] = [];
let over = false;

/** One connection that has one request under way, until time is over. */
function keepAsking(): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const socket = connect(port, '127.0.0.1').setNoDelay(true).setEncoding('latin1');
  let rest = '';
  let since = 0;
  const ask = () => {
    since = performance.now();
    socket.write(request);
  };
  socket.on('data', (text: string) => {
    rest += text;
    if (!isWhole(rest)) return;
    if (!/^HTTP\/1\.1 200 /.test(rest) || rest.includes('"errors"'))
      return socket.destroy(new Error(rest.slice(0, 500)));
    rest = '';
    answered += 1;
    took.push(performance.now() - since);
    if (over) socket.end();
    else ask();
  });
  socket.on('error', reject).on('close', () => resolve());
  ask();
  return promise;
}

function isWhole(text: string): boolean {
  const head = text.indexOf('\r\n\r\n');
  if (head === -1) return false;
  const length = /content-length: *(\d+)/i.exec(text.slice(0, head))?.[1];
  return length === undefined ? text.endsWith('\r\n0\r\n\r\n') : text.length >= head + 4 + Number(length);
}

const begin = performance.now();
setTimeout(() => {
  over = true;
}, seconds * 1_000);
await Promise.all(Array.from({ length: connections }, keepAsking));
const span = (performance.now() - begin) / 1_000;
took.sort((a, b) => a - b);
console.log(
  JSON.stringify({
    perSecond: answered / span,
    answered,
    p50: took[Math.floor(took.length / 2)],
    p99: took[Math.floor(took.length * 0.99)],
  }),
);
