import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { describe, test } from 'node:test';

interface Layer {
  /** What may be imported. Folders of src, or files in it. */
  readonly values: readonly string[];
  /** What may be imported with `import type` alone. */
  readonly types?: readonly string[];
  /** Packages, and modules of Node. */
  readonly packages: readonly string[];
}

/** Who may import whom: arrows point at the domain, and only the composition root knows which Docker is real. */
const layers: Readonly<Record<string, Layer>> = {
  domain: { values: ['domain'], packages: [] },
  async: { values: ['async'], packages: ['async-mutex'] },
  http: { values: ['http'], packages: ['node:http'] },
  acestream: { values: ['acestream', 'http', 'domain', 'async'], packages: [] },
  gluetun: { values: ['gluetun', 'http', 'domain', 'async'], packages: ['node:buffer', 'zod'] },
  journal: {
    values: ['journal', 'domain', 'async'],
    packages: ['node:fs', 'node:path', 'node:sqlite', 'node:zlib'],
  },
  docker: {
    values: ['docker', 'domain', 'async'],
    packages: [
      'async-mutex',
      'dockerode',
      'zod',
      'node:buffer',
      'node:crypto',
      'node:events',
      'node:fs',
      'node:fs/promises',
      'node:http',
      'node:net',
      'node:path',
      'node:stream',
    ],
  },
  services: {
    values: ['services', 'domain', 'async'],
    types: ['docker', 'acestream', 'gluetun', 'journal'],
    packages: ['async-mutex', 'node:crypto'],
  },
  metrics: {
    values: ['metrics', 'domain'],
    types: ['services', 'journal'],
    packages: ['prom-client'],
  },
  schema: {
    values: ['schema', 'domain', 'async'],
    types: ['context.ts'],
    packages: ['@pothos/core', '@pothos/plugin-complexity', '@pothos/plugin-scope-auth', 'graphql'],
  },
  resolvers: { values: ['resolvers', 'schema'], packages: [] },
  rest: { values: ['rest', 'domain', 'async'], types: ['context.ts', 'services'], packages: ['zod'] },
  server: {
    values: ['server', 'rest', 'domain', 'async', 'graphql.ts'],
    types: ['context.ts', 'metrics', 'services'],
    packages: [
      'graphql',
      'graphql-yoga',
      'graphql-ws',
      '@pothos/plugin-complexity',
      'ws',
      '@graphql-yoga/render-graphiql',
      'esbuild',
      'node:crypto',
      'node:fs/promises',
      'node:http',
      'node:net',
      'node:path',
      'node:stream',
      'node:util',
      'node:zlib',
    ],
  },
  dashboard: {
    values: ['dashboard', 'client', 'async'],
    packages: ['preact', 'preact/hooks', '@graphql-typed-document-node/core'],
  },
  client: { values: ['client'], types: [], packages: ['graphql-ws', '@graphql-typed-document-node/core'] },
  cli: {
    values: ['cli', 'client', 'config', 'config.ts', 'docker', 'gluetun', 'services', 'domain', 'async'],
    packages: [
      'commander',
      'string-width',
      '@graphql-typed-document-node/core',
      'node:crypto',
      'node:fs',
      'node:os',
      'node:path',
      'node:util',
    ],
  },
  config: { values: ['config', 'docker', 'domain'], types: ['gluetun'], packages: ['node:fs', 'zod'] },
  'config.ts': { values: ['config', 'docker', 'domain'], types: ['gluetun'], packages: [] },
  'context.ts': { values: [], types: ['services', 'async'], packages: [] },
  'graphql.ts': { values: ['schema', 'resolvers'], packages: ['graphql'] },
  'app.ts': {
    values: ['services', 'metrics', 'async'],
    types: ['acestream', 'config.ts', 'context.ts', 'docker', 'gluetun', 'journal'],
    packages: ['node:crypto'],
  },
  'main.ts': { values: ['process.ts'], packages: ['node:module'] },
  'process.ts': {
    values: [
      'app.ts',
      'config.ts',
      'config',
      'simulated.ts',
      'docker',
      'server',
      'acestream',
      'gluetun',
      'journal',
      'async',
    ],
    types: ['services'],
    packages: ['node:crypto', 'node:fs', 'node:module', 'node:util', 'pino'],
  },
  'simulated.ts': {
    values: ['docker', 'async'],
    packages: ['node:events', 'node:fs/promises', 'node:net', 'node:os', 'node:path'],
  },
};

const src = join(import.meta.dirname, '../src');
const files = readdirSync(src, { recursive: true, encoding: 'utf8' }).filter((file) => /\.tsx?$/.test(file));
const layerOf = (file: string): string => normalize(file).split('/')[0] ?? '';
const importStatement =
  /^(?:import|export)\s+(type\s)?[^'"]*?from\s+'([^']+)'|^import\s+'([^']+)'|import\('([^']+)'\)/gm;

const importsOf = (file: string) =>
  [...readFileSync(join(src, file), 'utf8').matchAll(importStatement)].map(
    ([, type, from, bare, dynamic]) => ({
      target: from ?? bare ?? dynamic ?? '',
      onlyType: type !== undefined,
    }),
  );

describe('the house', () => {
  for (const [layer, { values, types = [], packages }] of Object.entries(layers)) {
    test(`src/${layer} imports only what it may`, () => {
      const inside = files.filter((file) => layerOf(file) === layer);
      assert(inside.length > 0, 'no file was looked at');
      for (const file of inside) {
        for (const { target, onlyType } of importsOf(file)) {
          const where = `${file} -> ${target}`;
          if (!target.startsWith('.')) assert(packages.includes(target), where);
          else
            assert(
              (onlyType ? [...values, ...types] : values).includes(layerOf(join(dirname(file), target))),
              where,
            );
        }
      }
    });
  }

  test('every file belongs to a layer', () => {
    assert.deepEqual(new Set(files.map(layerOf)), new Set(Object.keys(layers)));
    const imports = files.flatMap(importsOf);
    assert(imports.length > 300, `only ${imports.length} imports were seen`);
  });

  test('only the Docker client imports dockerode', () => {
    const importers = files.filter((file) => importsOf(file).some(({ target }) => target === 'dockerode'));
    assert.deepEqual(new Set(importers.map(layerOf)), new Set(['docker']));
  });

  test('only the metrics import prom-client', () => {
    const importers = files.filter((file) => importsOf(file).some(({ target }) => target === 'prom-client'));
    assert.deepEqual(new Set(importers.map(layerOf)), new Set(['metrics']));
  });

  test('the domain is synchronous and knows no time of its own', () => {
    const inside = files.filter((file) => layerOf(file) === 'domain');
    for (const file of inside) {
      const code = readFileSync(join(src, file), 'utf8')
        .replace(/\/\*[\s\S]*?\*\/|\/\/.*/g, '')
        .replace(/'[^'\n]*'|`[^`]*`/g, '');
      assert.doesNotMatch(code, /\b(async|await|Promise|Date|performance|Math\.random|process)\b/, file);
    }
  });

  test('nouns know no service, and a verb is one expression', () => {
    for (const file of files.filter((each) => layerOf(each) === 'resolvers')) {
      const code = readFileSync(join(src, file), 'utf8');
      assert.doesNotMatch(code, /\b(if|try|switch|for|while|return|await)\b(?=[^'"`]*$)/m, file);
    }
  });
});
