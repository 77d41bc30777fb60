import type { ControlAccess } from '../gluetun/control.ts';
import type { Complain, Environment } from './mistakes.ts';
import type { Values } from './variables.ts';

/** GLUETUN_API_KEY, or GLUETUN_API_USER and GLUETUN_API_PASSWORD. What is missing is asked of `env`: a value may be wrong. */
export function readControlAccess(env: Environment, values: Values, complain: Complain): ControlAccess {
  const { GLUETUN_API_KEY: key, GLUETUN_API_USER: user, GLUETUN_API_PASSWORD: password } = values;
  if (env.GLUETUN_API_USER && !env.GLUETUN_API_PASSWORD)
    complain('GLUETUN_API_PASSWORD', 'the password of GLUETUN_API_USER');
  if (env.GLUETUN_API_PASSWORD && !env.GLUETUN_API_USER)
    complain('GLUETUN_API_USER', 'the name that GLUETUN_API_PASSWORD belongs to');
  if (env.GLUETUN_API_KEY && (env.GLUETUN_API_USER || env.GLUETUN_API_PASSWORD))
    complain('GLUETUN_API_KEY', 'a key, or a user and a password, but not both');
  if (key !== undefined) return { kind: 'key', key };
  if (user !== undefined && password !== undefined) return { kind: 'user', user, password };
  return { kind: 'none' };
}
