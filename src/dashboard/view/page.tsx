import { systemClock } from '../../async/clock.ts';
import type { Actions } from '../actions.ts';
import { alarmOf } from '../condition.ts';
import type { Picture } from '../picture.ts';
import { alertOf } from '../saying.ts';
import { AlarmBanner } from './alarm.tsx';
import { Controls } from './controls.tsx';
import { Feed } from './feed.tsx';
import { KeyPrompt } from './key-prompt.tsx';
import { Notices } from './notices.tsx';
import { Loose, Place } from './place.tsx';
import { Top } from './top.tsx';

export interface PageProps {
  readonly picture: Picture;
  readonly actions: Actions;
  readonly hasKey: boolean;
  readonly unlock: (key: string) => void;
  readonly forget: () => void;
}

export function Page({ picture, actions, hasKey, unlock, forget }: PageProps) {
  const { link, status, fleet } = picture;
  const alarm = status && alarmOf(status);
  return (
    <>
      <a class="skip" href="#engines">
        Skip to the engines
      </a>
      <Top picture={picture} {...(hasKey && { forget })} />
      <main class={link.kind === 'LOST' ? 'stale' : ''} aria-busy={!status}>
        {fleet?.simulated && (
          <p class="simulated">
            <strong>SIMULATED</strong> No container exists. Fail a VPN and see what happens.
          </p>
        )}
        {status && alarm && <AlarmBanner alarm={alarm} skew={picture.skew} />}
        {fleet && <Controls picture={picture} fleet={fleet} actions={actions} />}
        {status && (
          <div class="floor">
            <section id="engines" class="places" aria-labelledby="places-heading" tabIndex={-1}>
              <h2 id="places-heading" class="unseen">
                {status.mode === 'DISABLED' ? 'Engines' : 'VPNs and their engines'}
              </h2>
              {status.vpns.map((vpn) => (
                <Place key={vpn.name} vpn={vpn} picture={picture} actions={actions} />
              ))}
              {status.mode === 'DISABLED' && <Loose picture={picture} actions={actions} />}
            </section>
            <Feed rows={picture.rows} />
          </div>
        )}
        {!status && link.kind === 'CONNECTING' && <p class="empty">Asking the service …</p>}
        <Notices notices={picture.notices} dismiss={actions.dismiss} />
      </main>
      <footer>
        <a href="/graphql">Playground</a>
        <a href="/metrics">Metrics</a>
        <a href="/readyz">Ready?</a>
      </footer>
      <div class="unseen" role="alert">
        {alertOf(alarm, systemClock.now())}
      </div>
      <div class="unseen" role="status">
        {picture.said}
      </div>
      {link.kind === 'LOCKED' && <KeyPrompt wrong={link.wrong} unlock={unlock} />}
    </>
  );
}
