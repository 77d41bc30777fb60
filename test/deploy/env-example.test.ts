import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { parseEnv } from 'node:util';
import { readVariables } from '../../src/config/variables.ts';
import { readSettings } from '../../src/config.ts';
import { settingNames, twoVpns } from './settings.ts';

const text = readFileSync(join(import.meta.dirname, '../../.env.example'), 'utf8');
const lines = [...text.matchAll(/^#([A-Z][A-Z0-9_]*)=(.*)$/gm)].map(
  ([, name = '', value = '']) => [name, value] as const,
);

describe('.env.example', () => {
  test('has every setting once, and nothing that is none', () => {
    assert(lines.length > 40, `only ${lines.length} settings were seen`);
    assert.deepEqual(lines.map(([name]) => name).sort(), [...settingNames()].sort());
  });

  test('changes nothing as it is', () => {
    assert.deepEqual(parseEnv(text), {});
  });

  test('changes nothing either when every line of it counts', () => {
    const env = { ...parseEnv(text.replace(/^#(?=[A-Z][A-Z0-9_]*=)/gm, '')), ...twoVpns };
    assert(Object.keys(env).length > 40);
    assert.deepEqual(readSettings(env, null), readSettings(twoVpns, null));
  });

  test('tells the default of each setting that has one', () => {
    const usual = readVariables({}, () => undefined);
    for (const [name, value] of lines.filter(([, each]) => each === '')) {
      const read = (usual as Record<string, unknown>)[name];
      assert(read === undefined || (Array.isArray(read) && read.length === 0), `${name}=${value}`);
    }
  });

  test('says something of every setting', () => {
    for (const block of text.split(/\n\n+/).filter((each) => /^#[A-Z0-9_]+=/m.test(each)))
      assert.match(block, /^# \S/, block);
  });
});
