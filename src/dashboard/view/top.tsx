import { systemClock } from '../../async/clock.ts';
import { type Condition, conditionOf } from '../condition.ts';
import type { Link, Picture } from '../picture.ts';
import type { Status } from '../shapes.ts';
import { counted, moment } from '../words.ts';
import { Sign, type SignName } from './signs.tsx';
import { Elapsed } from './time.tsx';

const conditions: Readonly<Record<Condition, readonly [sign: SignName, word: string]>> = {
  NORMAL: ['ok', 'All well'],
  RECOVERING: ['wait', 'Recovering'],
  EMERGENCY: ['alarm', 'Emergency'],
  OUTAGE: ['bad', 'Outage'],
  STARTING: ['unknown', 'Not known yet'],
  WITHOUT_VPN: ['ok', 'Without VPN'],
};

const linkWords: Readonly<Record<Link['kind'], string>> = {
  CONNECTING: 'Connecting',
  LIVE: 'Live',
  LOST: 'Reconnecting',
  LOCKED: 'Locked',
};

/** How things are, at a glance; and whether what is shown is true of now. */
export function Top({ picture, forget }: { picture: Picture; forget?: () => void }) {
  const { link, status } = picture;
  return (
    <header class="top">
      <h1>Tandem</h1>
      {status && <p class="mode">{modeOf(status)}</p>}
      {status && <ConditionBadge condition={conditionOf(status)} />}
      <p class={`link link-${link.kind}`} role="status">
        <span class="dot" aria-hidden="true" />
        {linkWords[link.kind]}
        {link.kind === 'LOST' && (
          <span class="ago" aria-hidden="true">
            <Elapsed since={link.since} skew={0} />
          </span>
        )}
      </p>
      {link.kind === 'LOST' && (
        <p class="why">
          What is shown was so at {moment(link.since, systemClock.now())}.{link.why && ` ${link.why}.`}
        </p>
      )}
      {forget && (
        <button type="button" class="quiet" onClick={forget}>
          Forget the key
        </button>
      )}
    </header>
  );
}

function ConditionBadge({ condition }: { condition: Condition }) {
  const [sign, word] = conditions[condition];
  return (
    <p class={`condition condition-${condition}`}>
      <Sign name={sign} />
      {word}
    </p>
  );
}

function modeOf({ mode, vpns }: Status): string {
  if (mode === 'DISABLED') return 'Engines on the host';
  return mode === 'SINGLE' ? 'A single VPN' : `Redundant, ${counted(vpns.length, 'VPN')}`;
}
