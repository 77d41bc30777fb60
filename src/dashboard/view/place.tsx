import { parseTime, systemClock } from '../../async/clock.ts';
import type { Actions } from '../actions.ts';
import type { Picture } from '../picture.ts';
import type { Vpn } from '../shapes.ts';
import { counted, moment } from '../words.ts';
import { Sign, type SignName } from './signs.tsx';
import { Tiles } from './tiles.tsx';
import { Remaining, useNow } from './time.tsx';

const signs: Readonly<Record<Vpn['state'], SignName>> = {
  READY: 'ok',
  STABILIZING: 'wait',
  FAILED: 'bad',
  UNKNOWN: 'unknown',
};

interface PlaceProps {
  readonly picture: Picture;
  readonly actions: Actions;
}

/** A VPN with all that is known of it, and its engines. */
export function Place({ vpn, picture, actions }: PlaceProps & { vpn: Vpn }) {
  const { name, state } = vpn;
  const heading = `vpn-${name}`;
  return (
    <article class={`place place-${state}`} aria-labelledby={heading}>
      <header>
        <h3 id={heading}>{name}</h3>
        <p class="state">
          <Sign name={signs[state]} />
          {state}
        </p>
      </header>
      <Load vpn={vpn} />
      <Stabilization vpn={vpn} picture={picture} />
      <Troubles vpn={vpn} />
      <Facts vpn={vpn} />
      <Tiles name={name} hidden={state === 'FAILED'} picture={picture} actions={actions} />
      {picture.fleet?.simulated && (
        <button
          type="button"
          class="simulate"
          disabled={!picture.mayChange}
          onClick={() => actions.simulate(name, state === 'FAILED' ? 'HEALTHY' : 'UNHEALTHY')}
        >
          {state === 'FAILED' ? `Recover ${name}` : `Fail ${name}`}
        </button>
      )}
    </article>
  );
}

/** The engines of a service that has no VPN. */
export const Loose = ({ picture, actions }: PlaceProps) => (
  <article class="place" aria-labelledby="host">
    <header>
      <h3 id="host">This host</h3>
    </header>
    <Tiles name="" hidden={false} picture={picture} actions={actions} />
  </article>
);

function Load({ vpn }: { vpn: Vpn }) {
  const { state, engineCount, pendingEngineCount, portRange } = vpn;
  const free = portRange?.free ?? 0;
  const whole = Math.max(1, engineCount + pendingEngineCount + free);
  return (
    <div class="load">
      <p>
        <b>{engineCount}</b> {state === 'FAILED' && engineCount > 0 ? 'kept, not offered' : 'running'}
        {pendingEngineCount > 0 && <span>, {pendingEngineCount} starting</span>}
        {state !== 'FAILED' && (
          <span class="free">{portRange ? `, ${counted(free, 'port')} free` : ', no ports known'}</span>
        )}
      </p>
      <div class="bar" aria-hidden="true">
        <span class="running" style={{ width: `${(100 * engineCount) / whole}%` }} />
        <span class="pending" style={{ width: `${(100 * pendingEngineCount) / whole}%` }} />
      </div>
    </div>
  );
}

function Stabilization({ vpn, picture }: { vpn: Vpn; picture: Picture }) {
  const { name, stabilizingUntil } = vpn;
  const known = picture.stabilizations[name];
  if (!stabilizingUntil || !known) return null;
  const until = parseTime(stabilizingUntil);
  return (
    <div class="stabilization">
      <p>
        Takes engines again in <Remaining until={until} skew={picture.skew} />
      </p>
      <Progress from={until - known.wholeMs} until={until} skew={picture.skew} />
    </div>
  );
}

function Progress({ from, until, skew }: { from: number; until: number; skew: number }) {
  const share = (useNow() + skew - from) / (until - from);
  return (
    <div class="bar" aria-hidden="true">
      <span class="waited" style={{ width: `${100 * Math.min(1, Math.max(0, share))}%` }} />
    </div>
  );
}

function Troubles({ vpn }: { vpn: Vpn }) {
  const { state, health, lastSeenAt, failureReason, failedSince, suspectedSince, controlProblem } = vpn;
  const at = (iso: string) => moment(parseTime(iso), systemClock.now());
  const troubles = [
    ...(state !== 'UNKNOWN' && health === 'UNKNOWN' && lastSeenAt
      ? [`Docker tells nothing of it: it was last seen at ${at(lastSeenAt)}, which is no failure`]
      : []),
    ...(failureReason && failedSince ? [`Failed at ${at(failedSince)}: ${failureReason}`] : []),
    ...(suspectedSince ? [`Suspected since ${at(suspectedSince)}, though Docker calls it healthy`] : []),
    ...(controlProblem ? [controlProblem] : []),
  ];
  return (
    <>
      {troubles.map((trouble) => (
        <p class="trouble" key={trouble}>
          <Sign name="alarm" />
          {trouble}
        </p>
      ))}
    </>
  );
}

function Facts({ vpn }: { vpn: Vpn }) {
  const { containerStatus, country, city, provider, publicIp, forwardedPort } = vpn;
  const where = [city, country].filter(Boolean).join(', ');
  const facts: [string, string | number | null | undefined][] = [
    ['Container', containerStatus ?? 'missing'],
    ['Where', where],
    ['Provider', provider],
    ['Public address', publicIp],
    ['Forwarded port', forwardedPort],
  ];
  return (
    <dl class="facts">
      {facts.map(([name, value]) =>
        value ? (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ) : null,
      )}
    </dl>
  );
}
