import assert from 'node:assert/strict';
import { createServer, type RequestListener } from 'node:http';
import { describe, test } from 'node:test';
import { checkUpEngine, probeEngine } from '../../src/acestream/ask.ts';
import { systemClock } from '../../src/async/clock.ts';

type Said = string | number | 'hang' | 'reset';

/** An engine that says this of its status and of its network. A number is an HTTP status. */
async function engine(status: Said, network: Said = '{"result": {"connected": true}}') {
  const listener: RequestListener = ({ url = '', socket }, response) => {
    const said = url.includes('get_network_connection_status') ? network : status;
    if (said === 'hang') return;
    if (said === 'reset') return socket.destroy();
    response.writeHead(typeof said === 'number' ? said : 200).end(typeof said === 'number' ? '' : said);
  };
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const bound = server.address();
  assert(bound !== null && typeof bound !== 'string');
  return {
    target: { host: '127.0.0.1', port: bound.port },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

const within = (timeoutMs: number) => ({
  timeoutMs,
  clock: systemClock,
  signal: new AbortController().signal,
});
const fine = '{"result": {"playlist_loaded": true}}';

describe('an engine that is asked how it is', () => {
  const cases: [string, Said, Said, Awaited<ReturnType<typeof checkUpEngine>>][] = [
    ['well and connected', fine, '{"result": {"connected": true}}', { kind: 'well', connected: true }],
    ['well and not connected', fine, '{"result": {"connected": false}}', { kind: 'well', connected: false }],
    ['well, where it says nothing of its network', fine, '{"result": {}}', { kind: 'well', connected: null }],
    ['well, where it does not know the question', fine, 404, { kind: 'well', connected: null }],
    ['well, where its answer is nonsense', fine, '<html>', { kind: 'well', connected: null }],
    ['ill with a 500', 500, fine, { kind: 'ill', problem: 'it answers 500 to get_status' }],
    ['ill with nonsense', 'It works!', fine, { kind: 'ill', problem: 'it answers nonsense to get_status' }],
    [
      'ill with an error of its own',
      '{"error": {"message": "auth_error", "code": 0}}',
      fine,
      { kind: 'ill', problem: 'it answers nonsense to get_status' },
    ],
    ['ill when it hangs', 'hang', fine, { kind: 'ill', problem: 'it gave no answer in time' }],
    [
      'ill when it hangs on the second question',
      fine,
      'hang',
      { kind: 'ill', problem: 'it gave no answer in time' },
    ],
    ['ill when it hangs up', 'reset', fine, { kind: 'ill', problem: 'it cannot be reached (ECONNRESET)' }],
  ];
  for (const [what, status, network, expected] of cases)
    test(`is ${what}`, async () => {
      await using asked = await engine(status, network);
      assert.deepEqual(await checkUpEngine({ target: asked.target, ...within(300) }), expected);
    });

  test('is ill when it is not there', async () => {
    const { target } = await (async () => {
      await using asked = await engine(fine);
      return asked;
    })();
    const finding = await checkUpEngine({ target, ...within(300) });
    assert.deepEqual(finding, { kind: 'ill', problem: 'it cannot be reached (ECONNREFUSED)' });
  });
});

describe('an engine that is starting', () => {
  for (const [what, status, expected] of [
    ['up when it answers as one does', fine, 'healthy'],
    ['up, but maybe another one, when it answers anything else', '<html>', 'answering'],
    ['not up yet when it answers 500', 500, 'silent'],
    ['not up yet when it hangs', 'hang', 'silent'],
    ['not up yet when it hangs up', 'reset', 'silent'],
  ] as const)
    test(`is ${what}`, async () => {
      await using asked = await engine(status);
      assert.equal(await probeEngine({ target: asked.target, ...within(300) }), expected);
    });
});
