import { setTimeout as sleep } from 'node:timers/promises';

/** What has to be undone however the benchmark ends. */
const undone = new Set<() => Promise<void>>();
const interrupting = new AbortController();

/** Aborts when the benchmark is interrupted: nothing new is to be begun. */
export const interrupted = interrupting.signal;

/** Notes how something is undone; gives back what undoes it now, once. */
export function undoLater(undo: () => Promise<void>): () => Promise<void> {
  let under: Promise<void> | undefined;
  const once = () => {
    under ??= undo().finally(() => undone.delete(once));
    return under;
  };
  undone.add(once);
  return once;
}

/** Undoes all that is left, what was begun last first. */
export async function interrupt(): Promise<void> {
  interrupting.abort();
  // What Docker was asked for already is there to be removed by then.
  await sleep(1_000);
  for (const undo of [...undone].reverse()) await undo().catch(console.error);
}
