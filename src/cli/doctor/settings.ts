import { ConfigurationError, type Environment } from '../../config/mistakes.ts';
import { isUnconfigured, readSettings, type Settings } from '../../config.ts';
import { type Finding, failure, ok, warning } from './finding.ts';

/** The settings that a service here would have; null where it would have none. */
export function readFindings(env: Environment): { settings: Settings | null; findings: Finding[] } {
  if (isUnconfigured(env)) {
    const advice =
      'to run engines behind VPNs, say in .env or in the environment which they are: VPN_MODE, GLUETUN_CONTAINER_NAME, …';
    const found = 'nothing is configured, so "npm start" runs a simulation';
    return { settings: null, findings: [warning('Settings', found, advice)] };
  }
  try {
    const settings = readSettings(env, null);
    const vpns = settings.vpns.length === 0 ? '' : `: ${settings.vpns.join(', ')}`;
    return { settings, findings: [ok('Settings', `mode ${settings.mode}${vpns}`)] };
  } catch (problem) {
    if (!(problem instanceof ConfigurationError)) throw problem;
    const findings = problem.mistakes.map(({ name, message }) =>
      failure('Settings', `${name} ${message}`, `correct ${name} in .env or in the environment`),
    );
    return { settings: null, findings };
  }
}

const loopback = /^(127\.|::1$|localhost$)/;

export function lookAtKey({ http: { host, keys } }: Settings): Finding {
  if (keys.all !== null) return ok('Key', 'an API_KEY is set; every operation needs it');
  return loopback.test(host)
    ? ok('Key', 'there is none, and only this machine is served')
    : warning(
        'Key',
        `there is none, and ${host} may be reached from elsewhere: whoever does may start and stop engines`,
        'set API_KEY, or leave HOST out',
      );
}
