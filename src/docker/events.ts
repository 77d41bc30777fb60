import { Scope } from '../async/scope.ts';
import type { DockerApi } from './api.ts';
import type { Calls } from './call.ts';
import type { Stirring } from './docker.ts';
import { type Instance, isOwn } from './engine-container.ts';
import { eventShape } from './shapes.ts';

/** Docker matches these by prefix as soon as health_status is among them; left out are the three events of every health probe. */
const actions = [
  'create',
  'start',
  'restart',
  'die',
  'stop',
  'kill',
  'oom',
  'pause',
  'unpause',
  'destroy',
  'rename',
  'health_status',
];

/** Milliseconds: how long a subscription may take, and the pause before the next one. */
const connectMs = 10_000;
const reconnectMs = 1_000;

/**
 * Docker's container events, across reconnections, until `signal` aborts. Every subscription begins with `connected`:
 * Docker keeps only its last 256 events, so whoever listens looks at everything anew instead of asking for a replay.
 * `subscribed` is given, for each subscription, the way to end it.
 */
export async function* stirrings(
  api: DockerApi,
  instance: Instance,
  calls: Calls,
  signal: AbortSignal,
  subscribed: (end: () => void) => void,
): AsyncGenerator<Stirring> {
  while (!signal.aborted) {
    using subscription = new Scope(signal);
    subscribed(() => subscription.end());
    const answer = await calls.send(connectMs, (giveUp) => {
      // An answer that comes too late would be a stream that nobody reads, and such a one slows the whole daemon.
      giveUp.addEventListener('abort', () => subscription.end(), { once: true });
      // dockerode takes the signal out of the options that it is given: each subscription needs an object of its own.
      return api.getEvents({
        filters: { type: ['container'], event: actions },
        abortSignal: subscription.signal,
      });
    });
    if (answer.ok) {
      yield { kind: 'connected' };
      yield* read(answer.value, instance);
    } else {
      yield { kind: 'deaf', reason: answer.trouble.message };
    }
    await calls.clock.sleep(reconnectMs, signal);
  }
}

async function* read(stream: AsyncIterable<string | Buffer>, instance: Instance): AsyncGenerator<Stirring> {
  try {
    for await (const line of lines(stream)) {
      const event = eventShape.safeParse(parse(line));
      if (!event.success) continue;
      const { Action: action, Actor, timeNano } = event.data;
      const labels = Actor.Attributes;
      const id = labels['tandem.engine'];
      const ports = ['http', 'https', 'p2p', 'api']
        .map((port) => Number(labels[`tandem.port.${port}`]))
        .filter(Number.isInteger);
      const engine =
        id === undefined
          ? null
          : { id, own: isOwn(labels, instance), vpn: labels['tandem.vpn'] ?? null, ports };
      yield {
        kind: 'container',
        containerId: Actor.ID,
        name: labels.name ?? '',
        action,
        at: timeNano / 1e6,
        engine,
      };
    }
  } catch {
    // A lost daemon and an aborted stream look the same here (ECONNRESET): the caller's signal tells them apart.
  }
}

/** No honest line is longer: labels of a container, at most. */
const longestLine = 4_194_304;

/** The lines of a stream of JSON, however it was cut into chunks. */
export async function* lines(stream: AsyncIterable<string | Buffer>): AsyncGenerator<string> {
  let rest = '';
  const decoder = new TextDecoder();
  for await (const chunk of stream) {
    const parts = (
      rest + (typeof chunk === 'string' ? chunk : decoder.decode(chunk, { stream: true }))
    ).split('\n');
    rest = parts.pop() ?? '';
    if (rest.length > longestLine) throw new Error('Docker says too much at once');
    yield* parts.filter((line) => line.trim() !== '');
  }
}

/** Null, which fits no shape, for a line that is not JSON. */
export function parse(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return null;
  }
}
