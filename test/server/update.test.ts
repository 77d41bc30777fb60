import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Update } from '../../src/server/live/update.ts';
import type { WebSocketConnection } from '../../src/server/websocket-connection.ts';
import { WebSocketOutlet } from '../../src/server/websocket-outlet.ts';

test('an update waits once for all, however long the ids are that clients choose', () => {
  const update = new Update({ data: { text: 'x'.repeat(100_000) } }, 1, 0);
  const waiting = new Set<ArrayBufferLike>();
  const stream = {
    cork: () => undefined,
    uncork: () => undefined,
    write: ({ buffer }: Buffer) => waiting.add(buffer),
  };
  for (let length = 1; length <= 200; length++) {
    const connection = { stream, open: true, grants: new Set(), subscribers: new Set() };
    new WebSocketOutlet(connection as unknown as WebSocketConnection, 'x'.repeat(length), null).put(update);
  }
  const bytes = [...waiting].reduce((sum, { byteLength }) => sum + byteLength, 0);
  assert(bytes < 400_000, `${bytes} bytes`);
});
