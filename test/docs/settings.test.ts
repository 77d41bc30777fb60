import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { isEnumType } from 'graphql';
import { ConfigurationError, type Environment } from '../../src/config/mistakes.ts';
import { readSettings } from '../../src/config.ts';
import { schema } from '../../src/graphql.ts';
import { pages, quotedIn, read, tablesOf } from './markdown.ts';

const two = { GLUETUN_CONTAINER_NAME: 'gluetun', GLUETUN_CONTAINER_NAME_2: 'gluetun_2' };

/** The settings that there are: those that are asked for when the environment is read. */
function settings(): Set<string> {
  const asked = new Set<string>();
  const environment: Environment = new Proxy<Record<string, string | undefined>>(two, {
    get: (target, name) => {
      asked.add(String(name));
      return target[String(name)];
    },
  });
  readSettings(environment, null);
  return asked;
}

/** What is allowed, in the words in which a value is refused; null where none is. */
function allowedFor(name: string): string | null {
  try {
    readSettings({ ...two, [name]: '\u0000' }, null);
    return null;
  } catch (problem) {
    assert(problem instanceof ConfigurationError);
    const own = problem.mistakes.find((mistake) => mistake.name === name);
    return own?.message.replace(/^.*; allowed: /s, '') ?? null;
  }
}

/** Those of further VPNs are described with those of the first two. */
const numbered = (name: string): string =>
  name
    .replace(/^GLUETUN_PORT_RANGE_\d+$/, 'GLUETUN_PORT_RANGE_1')
    .replace(/^GLUETUN_CONTAINER_NAME_\d+$/, 'GLUETUN_CONTAINER_NAME_2');

const known = new Set([...settings()].map(numbered));
const tables = tablesOf('docs/configuration.md').filter(({ header }) => header[0] === 'Setting');
const rows = tables.flatMap((table) => table.rows);
const nameIn = ([cell = '']: readonly string[]): string => quotedIn(cell)[0] ?? '';

describe('docs/configuration.md', () => {
  test('has every setting once, and none that there is not', () => {
    assert(known.size > 40, 'settings were found');
    assert.deepEqual(rows.map(nameIn).sort(), [...known].sort());
  });

  for (const row of rows) {
    const name = nameIn(row);
    const [, standard = '', allowed = ''] = row;

    test(`${name} is as its row says`, () => {
      const [value] = quotedIn(standard);
      if (value === undefined) assert.doesNotMatch(standard, /\d/, 'a default stands between backticks');
      else assert.deepEqual(readSettings({ ...two, [name]: value }, null), readSettings(two, null));
      const words = allowedFor(name);
      // What a file has to hold is told once it could be read.
      if (words !== null && !name.endsWith('_FILE')) assert.equal(allowed, words);
    });
  }
});

/** Names in capitals that are no settings, and whose they are. */
const others: Readonly<Record<string, readonly string[]>> = {
  'codes of GraphQL errors': [
    'BAD_USER_INPUT',
    'CURSOR_EXPIRED',
    'SERVICE_UNAVAILABLE',
    'INTERNAL_SERVER_ERROR',
  ],
  Gluetun: ['VPN_SERVICE_PROVIDER'],
  'the command line': ['TANDEM_URL', 'TANDEM_API_KEY', 'NO_COLOR', 'FORCE_COLOR'],
  'the compose files': ['TANDEM_ON', 'ENGINES_ON', 'TANDEM_DOMAIN', 'DOCKER_GID', 'DOCKER_SOCKET'],
  acexy: ['ACEXY_ORCH_APIKEY'],
  'the tests and the benchmark': ['TANDEM_LONG', 'TANDEM_BENCH_TRIES'],
  'the steps of a plan': ['RESTART_VPN'],
};

describe('names in capitals', () => {
  const values = Object.values(schema.getTypeMap())
    .filter(isEnumType)
    .flatMap((type) => type.getValues().map(({ name }) => name));
  const ignored = new Set(
    tablesOf('docs/migration.md')
      .filter(({ header }) => header[1] === 'Why')
      .flatMap(({ rows: why }) => why.flatMap(([names = '']) => quotedIn(names))),
  );
  const explained = new Set([...known, ...values, ...ignored, ...Object.values(others).flat()]);

  for (const page of pages) {
    test(`in ${page} are those of settings, or of something else that there is`, () => {
      const named = read(page).match(/(?<![\w-])[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+(?![\w-])/g) ?? [];
      assert.deepEqual(
        [...new Set(named)].filter((name) => !explained.has(numbered(name))),
        [],
      );
    });
  }

  test('that are said to be ignored are, and those that are said to work do', () => {
    assert(ignored.size > 15);
    assert.deepEqual(
      [...ignored].filter((name) => known.has(name)),
      [],
    );
    const working = tablesOf('docs/migration.md')
      .filter(({ header }) => header[1] === 'What is different')
      .flatMap(({ rows: same }) => same.flatMap(([names = '']) => quotedIn(names)));
    assert(working.length > 15);
    assert.deepEqual(
      working.filter((name) => !known.has(numbered(name))),
      [],
    );
  });
});
