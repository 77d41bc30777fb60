/**
 * Runs tasks side by side until all have ended. If one fails, `ending` is aborted, so that the others end too, and the
 * first failure is thrown: a service that is half dead is worse than one that is started again.
 */
export async function allOrNothing(
  tasks: readonly (() => Promise<unknown>)[],
  ending: AbortController,
): Promise<void> {
  const failures: unknown[] = [];
  const run = async (task: () => Promise<unknown>) => {
    try {
      await task();
    } catch (problem) {
      failures.push(problem);
      ending.abort();
    }
  };
  await Promise.all(tasks.map(run));
  if (failures.length > 0) throw failures[0];
}

export const untilAborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
