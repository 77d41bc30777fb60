import { parseTime } from '../async/clock.ts';
import type { Told } from './shapes.ts';

export type Tone = 'plain' | 'good' | 'warn' | 'bad';

/** A line of the feed. */
export interface Row {
  readonly id: string;
  /** Milliseconds since the epoch, by the service's clock; of a gap, by the page's. */
  readonly at: number;
  readonly tone: Tone;
  readonly message: string;
}

/** The most rows that are kept. */
export const longestFeed = 200;

/** The newest first. */
export const withRows = (rows: readonly Row[], newest: readonly Row[]): readonly Row[] =>
  [...newest, ...rows].slice(0, longestFeed);

export const rowOf = (told: Told): Row => ({
  id: told.id,
  at: parseTime(told.at),
  tone: toneOf(told),
  message: told.message,
});

/** What there is to read where events were missed that the service no longer has. */
export const gapAt = (now: number): Row => ({
  id: `gap-${now}`,
  at: now,
  tone: 'warn',
  message:
    'Some events were missed, and the service no longer has them. What is shown beside them is true of now.',
});

function toneOf(told: Told): Tone {
  switch (told.__typename) {
    case 'EmergencyModeChanged':
      return told.emergencyChange === 'EXITED' ? 'good' : 'bad';
    case 'VpnChanged':
      return { READY: 'good', STABILIZING: 'warn', FAILED: 'bad', UNKNOWN: 'plain' }[told.vpn.state] as Tone;
    case 'EngineChanged':
      if (told.engineChange === 'STARTED' || told.engineChange === 'HEALTHY') return 'good';
      return told.engineChange === 'FAILED' || told.engineChange === 'UNHEALTHY' ? 'bad' : 'plain';
    case 'FleetChanged':
      return told.fleet.circuit === 'CLOSED' ? 'plain' : 'bad';
    case 'EngineAssigned':
      return 'plain';
  }
}
