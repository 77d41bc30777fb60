import assert from 'node:assert/strict';
import { ServerResponse } from 'node:http';
import { describe, mock, test } from 'node:test';
import { WebSocketConnection } from '../../src/server/websocket-connection.ts';
import { fuzz } from './fuzz.ts';

test('three thousand documents that nobody would write are answered or refused, and break nothing', async () => {
  const seed = Date.now();
  const { answered, refused, limited, ways, failures } = await fuzz({ seed, documents: 3_000 });
  assert.deepEqual(failures, []);
  // Otherwise the documents are all of one kind, or went one way, and most of the service was never asked.
  for (const [what, count] of Object.entries({ answered, refused, limited, ...ways }))
    assert(count > 5, `${count} ${what} from seed ${seed}`);
});

describe('a fault of the service is found, and again from the seed that is named for it:', () => {
  const { writeHead, write } = ServerResponse.prototype;
  const { send } = WebSocketConnection.prototype;
  const faults: readonly [string, RegExp, () => { mock: { restore(): void } }][] = [
    [
      'a status over HTTP',
      /status 500/,
      () =>
        mock.method(
          ServerResponse.prototype,
          'writeHead',
          function (this: ServerResponse, status: number, headers: object) {
            return writeHead.call(this, status === 400 ? 500 : status, headers as never);
          },
        ),
    ],
    [
      'a stream that is cut off',
      /cut off|aborted/,
      () =>
        mock.method(ServerResponse.prototype, 'write', function (this: ServerResponse, text: string) {
          if (!String(text).startsWith('event: next')) return write.call(this, text, 'utf8');
          // Not before its beginning has gone out.
          setImmediate(() => this.destroy());
          return true;
        }),
    ],
    [
      'a message over WebSocket that cannot be sent',
      /the socket was closed with 4500/,
      () =>
        mock.method(
          WebSocketConnection.prototype,
          'send',
          async function (this: WebSocketConnection, text: string) {
            if (text.includes('"type":"error"')) throw new Error('out of words');
            return send.call(this, text);
          },
        ),
    ],
  ];
  for (const [what, expected, begin] of faults)
    test(what, async () => {
      const fault = begin();
      try {
        const { failures } = await fuzz({ seed: 1, documents: 500 });
        const [found] = failures.filter((each) => expected.test(each.what));
        assert(found, JSON.stringify(failures));
        const again = await fuzz({ seed: found.seed, documents: 1 });
        assert(
          again.failures.some((each) => expected.test(each.what)),
          JSON.stringify(again),
        );
      } finally {
        fault.mock.restore();
      }
    });
});
