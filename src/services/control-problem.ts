import { type ControlTarget, urlOf } from '../domain/control.ts';
import type { ControlAccess, ControlAnswer } from '../gluetun/control.ts';

export interface Unheard {
  readonly target: ControlTarget;
  readonly why: string;
}

/** Says that nobody answered, and at which addresses. */
export const unheardProblem = (unheard: readonly Unheard[]): string =>
  unheard.length === 0
    ? 'the control server cannot be reached: its container has no address and does not publish GLUETUN_API_PORT'
    : `the control server ${unheard.map(({ target, why }) => `at ${urlOf(target)} ${why}`).join('; ')}`;

/** Says what an answer left open, and what to do; null when it left nothing open. */
export function openProblem(
  target: ControlTarget,
  { tunnel, publicAddress, forwardedPort }: Extract<ControlAnswer, { kind: 'answered' }>,
  access: ControlAccess,
): string | null {
  const told = [tunnel, publicAddress, forwardedPort];
  const denied = told.flatMap((each) => (each.kind === 'denied' ? each.routes : []));
  const failed = told.flatMap((each) => (each.kind === 'failed' ? [each.why] : []));
  const parts = [
    ...new Set(failed),
    ...(denied.length > 0 ? [`answers 401 to GET ${denied.join(' and GET ')}: ${remedy(access)}`] : []),
  ];
  return parts.length === 0 ? null : `the control server at ${urlOf(target)} ${parts.join('; it ')}`;
}

function remedy(access: ControlAccess): string {
  switch (access.kind) {
    case 'none':
      return 'set GLUETUN_API_KEY, or give that route a role without authentication';
    case 'key':
      return 'give that route a role with the key of GLUETUN_API_KEY';
    case 'user':
      return 'give that route a role with GLUETUN_API_USER and GLUETUN_API_PASSWORD';
  }
}
