import { anyOf, type Filters, matchesLabels } from './filters.ts';
import { type Micros, type Moments, unixSeconds } from './moment.ts';

type EventType = 'container' | 'network' | 'image';

interface DockerEvent {
  readonly type: EventType;
  readonly action: string;
  readonly id: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly at: Micros;
}

/** One open reader of the event stream. */
export interface EventReader {
  readonly filters: Filters;
  readonly line: (text: string) => void;
  readonly hangUp: () => void;
}

/** The daemon keeps this many events for `since`, of all kinds together. */
const remembered = 256;

/** The event stream: what happened, who listens, and the ways in which it can be made to fail. */
export class Events {
  readonly #moments: Moments;
  readonly #readers = new Set<EventReader>();
  #history: readonly DockerEvent[] = [];
  #silent = false;
  #toDrop = 0;

  constructor(moments: Moments) {
    this.#moments = moments;
  }

  emit(type: EventType, action: string, id: string, attributes: Readonly<Record<string, string>>): void {
    const event = { type, action, id, attributes, at: this.#moments.next() };
    this.#history = [...this.#history.slice(1 - remembered), event];
    if (this.#toDrop > 0) {
      this.#toDrop -= 1;
      return;
    }
    if (this.#silent) return;
    for (const reader of this.#readers) if (matches(event, reader.filters)) reader.line(print(event));
  }

  /** Hands `reader` what is remembered between `since` and `until`, then, without a gap, whatever comes. */
  attach(reader: EventReader, since?: Micros, until?: Micros): () => void {
    if (since !== undefined)
      for (const event of this.#history)
        if (event.at >= since && (until === undefined || event.at <= until) && matches(event, reader.filters))
          reader.line(print(event));
    this.#readers.add(reader);
    return () => this.#readers.delete(reader);
  }

  get readers(): number {
    return this.#readers.size;
  }

  /** Breaks every open stream, as a lost daemon does. */
  cut(): void {
    for (const reader of this.#readers) reader.hangUp();
    this.#readers.clear();
  }

  /** Streams stay open, new ones open as well, and nothing is delivered until `speak`. */
  silence(): void {
    this.#silent = true;
  }

  speak(): void {
    this.#silent = false;
  }

  /** The next `count` events reach no reader, as when the daemon's buffer runs over. */
  drop(count: number): void {
    this.#toDrop = count;
  }
}

function matches(event: DockerEvent, filters: Filters): boolean {
  const { name = '', image = '' } = event.attributes;
  const prefixes = ['health_status', 'exec_create', 'exec_start'];
  // One bare name of an event with a colon turns every value of the filter into a prefix.
  const byPrefix = filters.get('event')?.some((wanted) => prefixes.includes(wanted)) ?? false;
  const imageName = event.type === 'image' ? name : image;
  return (
    anyOf(filters, 'event', (wanted) =>
      byPrefix ? event.action.startsWith(wanted) : event.action === wanted,
    ) &&
    anyOf(filters, 'type', (wanted) => wanted === event.type) &&
    anyOf(filters, 'container', (wanted) => event.id.startsWith(wanted) || name.startsWith(wanted)) &&
    anyOf(filters, 'network', (wanted) => event.id.startsWith(wanted) || name.startsWith(wanted)) &&
    anyOf(filters, 'image', (wanted) =>
      [event.id, imageName, imageName.replace(/:[^:/]*$/, '')].includes(wanted),
    ) &&
    matchesLabels(filters, event.attributes)
  );
}

function print(event: DockerEvent): string {
  const { type, action, id, attributes, at } = event;
  const legacy =
    type === 'network' ? {} : { status: action, id, ...(attributes.image ? { from: attributes.image } : {}) };
  return `${JSON.stringify({
    ...legacy,
    Type: type,
    Action: action,
    Actor: { ID: id, Attributes: attributes },
    scope: 'local',
    time: unixSeconds(at),
    timeNano: at * 1000,
  })}\n`;
}
