import { allOrNothing } from '../async/all-or-nothing.ts';
import { Bell } from '../async/bell.ts';
import type { Clock } from '../async/clock.ts';
import type { Client } from '../client/client.ts';
import { ClientError } from '../client/error.ts';
import { Events, Numbers, Present, Status } from './operations.ts';
import type { Message } from './picture.ts';

/** What the page knew of the past when it was opened. */
const rows = 100;

/** Milliseconds between two questions for the numbers, and until the service is asked anew after trouble. */
const numbersEveryMs = 500;
const againMs = 2_000;
const foreverMs = Number.POSITIVE_INFINITY;

/**
 * Tells of all that is and happens, until `signal` aborts: first what is so, then what changes. Events go on after the last
 * one seen through every loss of the connection; where they cannot, that is told, and it begins again with what is so.
 * Fails when the service wants another key.
 */
export async function watch(
  client: Client,
  tell: (message: Message) => void,
  clock: Clock,
  signal: AbortSignal,
): Promise<void> {
  let seen: string | null = null;
  while (!signal.aborted) {
    try {
      const present = await client.ask(Present, { rows }, signal);
      tell({ kind: 'PRESENT', present, withRows: seen === null });
      seen ??= present.events.pageInfo.endCursor ?? present.lastEventId;
      await follow();
    } catch (problem) {
      if (signal.aborted) return;
      if (!(problem instanceof ClientError) || problem.code === 'UNAUTHENTICATED') throw problem;
      if (problem.code === 'CURSOR_EXPIRED') {
        seen = null;
        tell({ kind: 'MISSED' });
        continue;
      }
      tell({ kind: 'TROUBLE', why: problem.message });
    }
    await clock.sleep(againMs, signal);
  }

  async function follow(): Promise<void> {
    const ending = new AbortController();
    const end = () => ending.abort();
    signal.addEventListener('abort', end, { once: true });
    const stirred = new Bell();
    let loose = false;

    const states = async () => {
      for await (const { vpnStatus } of client.follow(Status, {}, { signal: ending.signal })) {
        loose = vpnStatus.mode === 'DISABLED';
        tell({ kind: 'STATUS', status: vpnStatus });
        stirred.ring();
      }
    };
    const events = async () => {
      const following = { resume: idOf, signal: ending.signal };
      for await (const told of client.follow(Events, { after: seen }, following)) {
        seen = idOf(told);
        tell({ kind: 'EVENT', event: told.events });
      }
    };
    const numbers = async () => {
      while (!ending.signal.aborted) {
        if (!(await stirred.sleep(clock, foreverMs, ending.signal))) continue;
        const numbers = await client.ask(Numbers, { loose }, ending.signal).catch((problem: unknown) => {
          // Given up because the others have ended: what they ended with counts.
          if (ending.signal.aborted) return null;
          throw problem;
        });
        if (numbers) tell({ kind: 'NUMBERS', fleet: numbers.fleet, loose: numbers.engines });
        await clock.sleep(numbersEveryMs, ending.signal);
      }
    };
    // One that ends takes the others along: they are begun together again.
    const loops = [states, events, numbers].map((loop) => () => loop().finally(end));
    await allOrNothing(loops, ending).finally(() => signal.removeEventListener('abort', end));
  }
}

const idOf = ({ events }: { readonly events: { readonly id: string } }): string => events.id;
