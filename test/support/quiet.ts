import { performance } from 'node:perf_hooks';

/** Turns of the event loop, one after the other, in which nothing may have come in. More than one, for what is closed is gone a turn later. */
const quietTurns = 4;

/** How long each of as many more waits for something to come in, while an answer is owed that may still bring it. */
const patienceMs = 1;

/**
 * Resolves when nothing in this process can go on by itself any more.
 *
 * Both ends of every connection are to be in this process. What one end has sent lies ready for the other at once: always
 * in a unix socket, and over loopback unless the machine is busy. So turns that ask every socket and take nothing in mean
 * that nothing is on its way; but while an answer is `owed` over loopback, it is given time besides. One that does not come
 * even so waits for time to pass, or never comes.
 */
export const quiet = (owed: () => number): Promise<void> =>
  new Promise((resolve) => {
    let [turns, before, owedBefore] = [0, takenIn(), owed()];
    // Called back, for a promise a turn would be most of the work.
    const turn = () => {
      const [now, owedNow] = [takenIn(), owed()];
      const moved = now !== before || owedNow !== owedBefore;
      [before, owedBefore] = [now, owedNow];
      turns++;
      if (moved || (turns === quietTurns && goesOn())) turns = 0;
      if (turns < quietTurns) setImmediate(turn);
      else if (turns < 2 * quietTurns && owedNow > 0) setTimeout(turn, patienceMs);
      else resolve();
    };
    setImmediate(turn);
  });

/** What has come in from sockets, files and helper threads so far. */
const takenIn = (): number => performance.nodeTiming.uvMetricsInfo.events;

/** Whether somebody is to be called in the next turn, or a helper thread is at work, which comes to its end whatever the time is. */
const goesOn = (): boolean =>
  process.getActiveResourcesInfo().some((name) => name === 'Immediate' || name.includes('Req'));
