import { useEffect, useState } from 'preact/hooks';
import { systemClock } from '../../async/clock.ts';
import { clockFace, countdown, spoken } from '../words.ts';

const tickMs = 500;

/** The time by the page's clock, again and again, and whenever else it is drawn. */
export function useNow(): number {
  const [, tellTicks] = useState(0);
  useEffect(() => {
    const gone = new AbortController();
    const tick = async () => {
      for (let ticks = 1; !gone.signal.aborted; ticks++) {
        await systemClock.sleep(tickMs, gone.signal);
        tellTicks(ticks);
      }
    };
    void tick();
    return () => gone.abort();
  }, []);
  return systemClock.now();
}

/** How long ago that was, by the service's clock. */
export function Elapsed({ since, skew }: { since: number; skew: number }) {
  const ms = useNow() + skew - since;
  return (
    <span class="clock" role="timer" aria-label={spoken(ms)}>
      {clockFace(ms)}
    </span>
  );
}

/** What remains until then, by the service's clock. */
export function Remaining({ until, skew }: { until: number; skew: number }) {
  const ms = until - skew - useNow();
  return (
    <span class="clock" role="timer" aria-label={spoken(ms)}>
      {countdown(ms)}
    </span>
  );
}
