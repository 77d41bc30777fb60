import { setTimeout as sleep } from 'node:timers/promises';

/** Waits until `look` finds something other than false or undefined, and returns it; fails with `what` after a while. */
export async function until<T>(
  what: string,
  look: () => T | Promise<T>,
  patienceMs = 10_000,
): Promise<Exclude<T, false | undefined>> {
  const deadline = Date.now() + patienceMs;
  for (;;) {
    const found = await look();
    if (found !== false && found !== undefined) return found as Exclude<T, false | undefined>;
    if (Date.now() > deadline) throw new Error(`waited ${patienceMs} ms in vain: ${what}`);
    await sleep(10);
  }
}
