import assert from 'node:assert/strict';
import { test } from 'node:test';
import { simulated } from '../support/simulated.ts';

const subscription = { query: 'subscription { vpnStatus { connected } }' };

test('a subscription that asks for JSON is refused, and nobody is counted as following', async () => {
  await using world = await simulated();
  for (const accept of ['application/json', 'application/graphql-response+json']) {
    const { status, body } = await world.tandem.answer(subscription, { accept });
    assert.equal(status, 406);
    assert.equal(body.errors?.[0]?.extensions?.code, 'NOT_ACCEPTABLE');
    assert.match(body.errors?.[0]?.message ?? '', /text\/event-stream/);
  }
  const metrics = await (await fetch(`${world.tandem.url}/metrics`)).text();
  assert.match(metrics, /^tandem_graphql_subscribers 0$/m);
});

test('a subscription that asks for nothing by name is told as server-sent events', async () => {
  await using world = await simulated();
  for (const accept of ['*/*', 'text/event-stream', 'application/json, text/event-stream']) {
    const leaving = new AbortController();
    const response = await fetch(`${world.tandem.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept },
      body: JSON.stringify(subscription),
      signal: leaving.signal,
    });
    assert.match(response.headers.get('content-type') ?? '', /^text\/event-stream/, accept);
    let told = '';
    const decoder = new TextDecoder();
    for await (const chunk of response.body ?? []) {
      told += decoder.decode(chunk, { stream: true });
      if (told.includes('"connected":true')) break;
    }
    leaving.abort();
  }
  const search = new URLSearchParams(subscription);
  const leaving = new AbortController();
  const response = await fetch(`${world.tandem.url}/graphql?${search}`, { signal: leaving.signal });
  assert.match(response.headers.get('content-type') ?? '', /^text\/event-stream/);
  leaving.abort();
});
