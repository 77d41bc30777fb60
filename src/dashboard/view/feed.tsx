import { useMemo } from 'preact/hooks';
import { systemClock, toIso } from '../../async/clock.ts';
import type { Row, Tone } from '../feed.ts';
import { moment } from '../words.ts';
import { Sign, type SignName } from './signs.tsx';

const signs: Readonly<Record<Tone, SignName | null>> = {
  plain: null,
  good: 'ok',
  warn: 'wait',
  bad: 'alarm',
};

/** What happened, the newest first. It is not read out by itself: that would never end. */
export const Feed = ({ rows }: { rows: readonly Row[] }) => (
  <section class="feed" aria-labelledby="feed-heading">
    <h2 id="feed-heading">Events</h2>
    {rows.length === 0 && <p class="empty">Nothing has happened yet.</p>}
    {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by keyboard */}
    <ol tabIndex={0} aria-labelledby="feed-heading">
      {rows.map((row) => (
        <Line key={row.id} row={row} />
      ))}
    </ol>
  </section>
);

/** Drawn once: a row never changes. */
function Line({ row }: { row: Row }) {
  return useMemo(() => {
    const { at, tone, message } = row;
    const sign = signs[tone];
    return (
      <li class={`row row-${tone}`}>
        <time dateTime={toIso(at)}>{moment(at, systemClock.now())}</time>
        <span class="mark">{sign && <Sign name={sign} />}</span>
        <span class="message">{message}</span>
      </li>
    );
  }, [row]);
}
