import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ConfigurationError } from '../../src/config/mistakes.ts';
import { readSettings } from '../../src/config.ts';

const vpn = { GLUETUN_CONTAINER_NAME: 'gluetun' };
const [GLUETUN_API_KEY, GLUETUN_API_USER, GLUETUN_API_PASSWORD] = ['se3cret-key', 'me', 'pass word:s3cret'];

describe("the access to Gluetun's control servers", () => {
  const good: [string, Record<string, string>, object][] = [
    ['nothing', {}, { kind: 'none' }],
    ['a key', { GLUETUN_API_KEY }, { kind: 'key', key: GLUETUN_API_KEY }],
    [
      'a user and a password',
      { GLUETUN_API_USER, GLUETUN_API_PASSWORD },
      { kind: 'user', user: GLUETUN_API_USER, password: GLUETUN_API_PASSWORD },
    ],
    [
      'a key, the others being empty',
      { GLUETUN_API_KEY, GLUETUN_API_USER: '' },
      { kind: 'key', key: GLUETUN_API_KEY },
    ],
  ];
  for (const [what, env, expected] of good) {
    test(`can be ${what}`, () => {
      assert.deepEqual(readSettings({ ...vpn, ...env }, null).controlAccess, expected);
    });
  }

  const mistakes: [string, Record<string, string>, string[]][] = [
    ['a user without a password', { GLUETUN_API_USER }, ['GLUETUN_API_PASSWORD']],
    ['a password without a user', { GLUETUN_API_PASSWORD }, ['GLUETUN_API_USER']],
    ['a key and a user', { GLUETUN_API_KEY, GLUETUN_API_USER, GLUETUN_API_PASSWORD }, ['GLUETUN_API_KEY']],
    ['a key that no header can hold', { GLUETUN_API_KEY: `${GLUETUN_API_KEY} \u00e4` }, ['GLUETUN_API_KEY']],
    ['a user with a colon', { GLUETUN_API_USER: 'a:b', GLUETUN_API_PASSWORD }, ['GLUETUN_API_USER']],
  ];
  for (const [what, env, expected] of mistakes) {
    test(`cannot be ${what}, which is said without the secret`, () => {
      assert.throws(
        () => readSettings({ ...vpn, ...env }, null),
        (problem) => {
          assert(problem instanceof ConfigurationError);
          assert.deepEqual(
            problem.mistakes.map(({ name }) => name),
            expected,
          );
          assert.doesNotMatch(problem.message, /s3cret|se3cret/);
          return true;
        },
      );
    });
  }
});
