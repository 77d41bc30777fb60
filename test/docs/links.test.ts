import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join, normalize } from 'node:path';
import { describe, test } from 'node:test';
import { anchorsOf, linksOf, pages, read, root } from './markdown.ts';

/** Where a link within the project leads, from the root; null for one that leads elsewhere. */
function targetOf(page: string, href: string): { path: string; anchor: string | null } | null {
  if (/^[a-z]+:/.test(href)) return null;
  const [path = '', anchor = null] = href.split('#');
  return { path: path === '' ? page : normalize(join(page, '..', decodeURIComponent(path))), anchor };
}

function leadsSomewhere(page: string, href: string): boolean {
  const target = targetOf(page, href);
  if (!target) return true;
  const { path, anchor } = target;
  return existsSync(join(root, path)) && (anchor === null || anchorsOf(path).has(anchor));
}

describe('the pages', () => {
  for (const page of pages) {
    test(`${page} links to what there is`, () => {
      assert.deepEqual(
        linksOf(page).filter((href) => !leadsSomewhere(page, href)),
        [],
      );
    });
  }

  test('are all reached from the README', () => {
    const reached = new Set<string>();
    const follow = (page: string): void => {
      if (reached.has(page)) return;
      reached.add(page);
      for (const href of linksOf(page)) {
        const path = targetOf(page, href)?.path;
        if (path !== undefined && pages.includes(path)) follow(path);
      }
    };
    follow('README.md');
    assert.deepEqual(
      pages.filter((page) => !reached.has(page)),
      [],
    );
  });

  test('name only scripts that there are', () => {
    const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { scripts: object };
    for (const page of pages)
      for (const [, name = ''] of read(page).matchAll(/\bnpm run (?:--silent )?([\w-]+)/g))
        assert(Object.hasOwn(scripts, name), `${page}: npm run ${name}`);
  });
});
