import { z } from 'zod';
import { parseTime, toIso } from '../async/clock.ts';
import type { Circuit } from '../domain/circuit.ts';
import { containerIdOf, type Engine } from '../domain/engine.ts';
import type { EngineChange, Event, EventPage, EventType } from '../domain/events.ts';
import { PlainError } from '../domain/plain-error.ts';
import { vpnNamed } from '../domain/snapshot.ts';
import type { VpnState } from '../domain/vpn.ts';
import type { Reader } from '../services/reader.ts';
import { whole } from './whole.ts';

/** In which of Tandem's events the original's are found. */
const sources: ReadonlyMap<string, readonly EventType[]> = new Map([
  ['engine', ['ENGINE_ASSIGNED', 'ENGINE_CHANGED']],
  ['vpn', ['VPN_CHANGED']],
  ['health', ['ENGINE_CHANGED', 'CIRCUIT_CHANGED']],
  ['system', ['EMERGENCY_MODE_CHANGED', 'SCALING']],
]);

const engineChanges: Readonly<Record<EngineChange, readonly [type: string, category: string]>> = {
  STARTED: ['engine', 'created'],
  ADOPTED: ['engine', 'adopted'],
  FAILED: ['engine', 'failed'],
  STOPPED: ['engine', 'stopped'],
  REMOVED: ['engine', 'deleted'],
  HEALTHY: ['health', 'recovered'],
  UNHEALTHY: ['health', 'failed'],
};

const vpnStates: Readonly<Record<VpnState['kind'], string>> = {
  FAILED: 'disconnected',
  STABILIZING: 'recovered',
  READY: 'connected',
  UNKNOWN: 'unknown',
};

const circuits: Readonly<Record<Circuit['kind'], string>> = {
  CLOSED: 'recovered',
  OPEN: 'failed',
  HALF_OPEN: 'trial',
};

interface Kind {
  readonly event_type: string;
  readonly category: string;
  readonly details: Readonly<Record<string, unknown>>;
  readonly container_id?: string | null;
}

const factsOf = ({ name, ports, tunnel }: Engine) => ({ name, port: ports.http, vpn: tunnel?.vpn ?? null });

function kindOf(event: Event): Kind {
  switch (event.type) {
    case 'ENGINE_ASSIGNED':
      return { event_type: 'engine', category: 'assigned', details: factsOf(event.engine) };
    case 'ENGINE_CHANGED': {
      const [event_type, category] = engineChanges[event.change];
      const details = { ...factsOf(event.engine), reason: event.reason };
      return { event_type, category, details, container_id: containerIdOf(event.engine) };
    }
    case 'VPN_CHANGED': {
      const state = vpnNamed(event.snapshot, event.vpn)?.site.vpn.state.kind ?? 'UNKNOWN';
      return { event_type: 'vpn', category: vpnStates[state], details: { vpn: event.vpn } };
    }
    case 'EMERGENCY_MODE_CHANGED':
      return {
        event_type: 'system',
        category: `emergency_${event.change.toLowerCase()}`,
        details: { vpn: event.vpn, removed_engines: event.removedEngines.map(({ name }) => name) },
      };
    case 'SCALING':
      return { event_type: 'system', category: 'scaling', details: {} };
    case 'CIRCUIT_CHANGED':
      return { event_type: 'health', category: circuits[event.snapshot.circuit.kind], details: {} };
  }
}

export function eventRow(event: Event) {
  const { event_type, category, details, container_id = null } = kindOf(event);
  return {
    id: event.position,
    timestamp: toIso(event.at),
    event_type,
    category,
    message: event.message,
    details,
    container_id,
    stream_id: null,
  };
}

const moment = z
  .string()
  .transform(parseTime)
  .refine((ms) => !Number.isNaN(ms), 'Input should be a time, such as 2025-11-07T22:03:33Z');

export const eventsInput = z.object({
  query: z.object({
    limit: whole(1, 1_000).default(100),
    offset: whole(0).default(0),
    event_type: z.string().optional(),
    category: z.string().optional(),
    container_id: z.string().optional(),
    stream_id: z.string().optional(),
    since: moment.optional(),
  }),
});

type Asked = z.output<typeof eventsInput>['query'];
type Row = ReturnType<typeof eventRow>;

const filters = ['event_type', 'category', 'container_id', 'stream_id'] as const;
const isAskedFor = (row: Row, asked: Asked): boolean =>
  filters.every((name) => asked[name] === undefined || asked[name] === row[name]);

/** What happened, newest first. */
export async function newestEvents(reader: Pick<Reader, 'eventPage'>, asked: Asked): Promise<Row[]> {
  const { limit, offset, event_type, since = Number.NEGATIVE_INFINITY } = asked;
  const types = event_type === undefined ? null : (sources.get(event_type) ?? []);
  const rows: Row[] = [];
  if (types?.length === 0) return rows;
  let passed = 0;
  try {
    for await (const event of newestFirst(reader, types)) {
      if (event.at < since || rows.length === limit) break;
      const row = eventRow(event);
      if (isAskedFor(row, asked) && ++passed > offset) rows.push(row);
    }
  } catch (problem) {
    // What has been forgotten meanwhile is told no more, nor is what came earlier.
    if (!(problem instanceof PlainError && problem.code === 'CURSOR_EXPIRED')) throw problem;
  }
  return rows;
}

/** Events that are read at once. */
const page = 100;

async function* newestFirst(
  reader: Pick<Reader, 'eventPage'>,
  types: readonly EventType[] | null,
): AsyncGenerator<Event> {
  for (let before: string | null = null; ; ) {
    const { events, hasPrevious }: EventPage = await reader.eventPage({ last: page, before, types });
    yield* events.toReversed();
    before = events[0]?.id ?? null;
    if (!hasPrevious || before === null) return;
  }
}
