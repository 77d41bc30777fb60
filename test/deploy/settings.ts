import { readSettings } from '../../src/config.ts';

/** The least that is a configuration of real VPNs. */
export const twoVpns = { GLUETUN_CONTAINER_NAME: 'gluetun', GLUETUN_CONTAINER_NAME_2: 'gluetun_2' };

/** Every name that the configuration asks the environment for; of those with numbers, what two VPNs need. */
export function settingNames(): Set<string> {
  const asked = new Set<string>();
  const environment = new Proxy<Record<string, string>>(twoVpns, {
    get: (env, name) => {
      asked.add(String(name));
      return Reflect.get(env, name);
    },
  });
  readSettings(environment, null);
  return asked;
}
