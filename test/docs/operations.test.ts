import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { scrape } from '../support/exposition.ts';
import { simulated } from '../support/simulated.ts';
import { quotedIn, read, root, tablesOf } from './markdown.ts';

const page = 'docs/operations.md';
const sources = globSync('src/**/*.ts', { cwd: root })
  .map((file) => readFileSync(join(root, file), 'utf8'))
  .join('\n');

/** What stands between the places where the program puts something in. */
const fixedParts = (message: string): string[] =>
  message
    .split('…')
    .map((part) => part.trim())
    .filter((part) => part.length > 1);

describe(page, () => {
  test('quotes messages as the program says them', () => {
    const messages = tablesOf(page)
      .flatMap(({ rows }) => rows.flatMap(([first = '']) => quotedIn(first)))
      .filter((quoted) => /[a-z] [a-z]/.test(quoted) && !quoted.startsWith('tandem '));
    assert(messages.length > 15, 'messages were found');
    const strange = messages.filter((message) => fixedParts(message).some((part) => !sources.includes(part)));
    assert.deepEqual(strange, []);
  });

  test('names metrics that there are, with labels that they have', async () => {
    await using world = await simulated();
    const { families } = await scrape(world.tandem);
    const named = [...read(page).matchAll(/\b(tandem_\w+)(?:\{([^}]*)\})?/g)];
    assert(named.length > 20, `${named.length} metrics were found`);
    for (const [text, name = '', labels = ''] of named) {
      const family = families.get(name);
      assert(family, text);
      const own = new Set([
        'instance',
        'job',
        ...family.samples.flatMap(({ labels: each }) => Object.keys(each)),
      ]);
      for (const label of labels.match(/\b[a-z]+(?=[=!,}]|$)/g) ?? [])
        assert(own.has(label), `${text}: ${label}`);
    }
  });
});
