import type { Event } from '../../src/domain/events.ts';
import { StorageTrouble } from '../../src/domain/storage-trouble.ts';
import { aWorld, type FleetWishes, now, type World } from './build.ts';
import { FakeClock } from './fake-clock.ts';
import { Forgetful } from './forgetful.ts';

/** A journal that holds everything in memory, and takes nothing while it is full. */
export class Noting extends Forgetful {
  readonly events: Event[] = [];
  full = false;

  override append(events: readonly Event[]): void {
    if (this.full) throw new StorageTrouble('The disk is full.');
    super.append(events);
    this.events.push(...events);
  }

  /** What it held when it had taken so many. */
  after(count: number): Noting {
    const earlier = new Noting();
    earlier.append(this.events.slice(0, count));
    return earlier;
  }
}

export interface Noted extends World {
  readonly journal: Noting;
  readonly clock: FakeClock;
}

/** A world of which all that is told is noted, and whose time stands still. */
export function aNotedWorld({
  journal = new Noting(),
  clock = new FakeClock(now),
  ...wishes
}: Omit<FleetWishes, 'journal' | 'clock'> & Partial<Pick<Noted, 'journal' | 'clock'>> = {}): Noted {
  return { ...aWorld({ ...wishes, journal, clock }), journal, clock };
}

/** What was told of an engine, and why, the first thing first. */
export const toldOf = ({ journal }: Noted, { id }: { readonly id: string }): string[] =>
  journal.events.flatMap((event) =>
    event.type === 'ENGINE_CHANGED' && event.engine.id === id
      ? [event.reason === null ? event.change : `${event.change}: ${event.reason}`]
      : [],
  );
