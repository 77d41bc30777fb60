import { systemClock } from '../../async/clock.ts';
import type { Alarm } from '../condition.ts';
import { moment } from '../words.ts';
import { Sign } from './signs.tsx';
import { Elapsed } from './time.tsx';

/** What nobody can overlook. A screen reader is told of it apart, for this one ticks. */
export const AlarmBanner = ({ alarm, skew }: { alarm: Alarm; skew: number }) => (
  <section class={`alarm ${alarm.outage ? 'outage' : ''}`} aria-labelledby="alarm-heading">
    <Sign name={alarm.outage ? 'bad' : 'alarm'} />
    <div class="what">
      <p class="kind">{alarm.outage ? 'Outage' : 'Emergency'}</p>
      <h2 id="alarm-heading">{alarm.title}</h2>
      <p>{alarm.meaning}</p>
      {alarm.reasons.map((reason) => (
        <p class="reason" key={reason}>
          {reason}
        </p>
      ))}
    </div>
    <dl class="when">
      <div>
        <dt>For</dt>
        <dd class="long">
          <Elapsed since={alarm.since} skew={skew} />
        </dd>
      </div>
      <div>
        <dt>Since</dt>
        <dd>{moment(alarm.since, systemClock.now() + skew)}</dd>
      </div>
    </dl>
  </section>
);
