import type { RemovedEngine } from '../domain/engine.ts';
import type { Event, EventType } from '../domain/events.ts';

/** Which events, and in which order. */
export interface Selection {
  /** Positions, both excluded. */
  readonly after: number;
  readonly before: number;
  /** null for all. */
  readonly types: readonly EventType[] | null;
  readonly newestFirst: boolean;
  /** At most so many. */
  readonly most: number;
}

/**
 * What outlives the process: every event with the whole state right after it, and the engines that are gone. The newest
 * event's snapshot is what was so when the last process ended. All calls are synchronous, so that a change, the writing of
 * it and the telling of it are one step that nothing comes between.
 */
export interface Journal {
  /** Sets this journal apart from every other: the run of the id that stands before its first event. 8 hexadecimal digits. */
  readonly id: string;
  /** The newest event; null in a journal that has none. */
  readonly newest: Event | null;
  /** The position of the oldest event that is kept; 1 in a journal that has none. */
  readonly oldest: number;
  /**
   * Writes events, all or none. They go on where the newest one ends. None at all is a try whether it can be written, and
   * writes too. What snapshots share is known by its identity and written once: it must never be changed, and what was in
   * one snapshot and not in the next must not come back.
   * @throws {StorageTrouble} when the disk is full, read-only, or damaged.
   */
  append(events: readonly Event[]): void;
  /**
   * A snapshot is put together when it is first looked at: that throws too.
   * @throws {StorageTrouble}
   * @throws {PlainError} CURSOR_EXPIRED, for a snapshot, when the event is no longer kept by then.
   */
  read(selection: Selection): Event[];
  /** The engine of that id, or of that container, if it was removed less than 24 hours ago; null otherwise. */
  departed(by: 'id' | 'containerId', value: string): RemovedEngine | null;
  /** The engines removed less than 24 hours ago that were asked for under an idempotency key. */
  departedUnderKeys(): RemovedEngine[];
  /** How many events are kept, and how much of the disk that takes: null when the disk does not say. */
  size(): { readonly events: number; readonly bytes: number | null };
  close(): void;
}
