import type { Event } from '../../src/domain/events.ts';
import type { Journal } from '../../src/journal/journal.ts';

/** A journal that holds nothing: for tests in which nobody starts anew. */
export class Forgetful implements Journal {
  readonly id = '00000000';
  readonly oldest = 1;
  newest: Event | null = null;

  append(events: readonly Event[]): void {
    this.newest = events.at(-1) ?? this.newest;
  }
  read(): Event[] {
    return [];
  }
  departed(): null {
    return null;
  }
  departedUnderKeys(): [] {
    return [];
  }
  size(): { events: number; bytes: number | null } {
    return { events: 0, bytes: 0 };
  }
  close(): void {}
}
