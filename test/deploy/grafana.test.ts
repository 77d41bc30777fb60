import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { type Exposition, type Family, scrape } from '../support/exposition.ts';
import { type Simulated, simulated } from '../support/simulated.ts';

interface Panel {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly targets?: readonly {
    readonly refId: string;
    readonly expr: string;
    readonly legendFormat: string;
    readonly datasource: { readonly type: string; readonly uid: string };
  }[];
}

interface Variable {
  readonly name: string;
  readonly type: string;
  readonly query: string | { readonly query: string };
}

const dashboard: {
  readonly uid: string;
  readonly schemaVersion: number;
  readonly panels: readonly Panel[];
  readonly templating: { readonly list: readonly Variable[] };
} = JSON.parse(readFileSync(join(import.meta.dirname, '../../deploy/grafana/tandem.json'), 'utf8'));

const { panels, templating } = dashboard;
const targets = panels.flatMap((panel) => panel.targets ?? []);
const expressions = [
  ...targets.map(({ expr }) => expr),
  ...templating.list.map(({ query }) => (typeof query === 'string' ? '' : query.query)),
];

/** What is chosen by an expression: the names that are no function, keyword or label, each with its matchers. */
function selectorsIn(expression: string): { name: string; matchers: [label: string, value: string][] }[] {
  const bare = expression
    .replace(/\b(by|without|on|ignoring|group_left|group_right) *\([^)]*\)/g, ' ')
    .replace(/\[[^\]]*\]/g, ' ')
    .replace(/^label_values\((\w+), *\w+\)$/, '$1');
  return [...bare.matchAll(/([a-zA-Z_:][\w:]*)(?! *\(|[\w:])(?:\{([^}]*)\})?/g)].map(
    ([, name = '', matchers = '']) => ({
      name,
      matchers: [...matchers.matchAll(/(\w+)="([^"]*)"/g)].map(([, label = '', value = '']) => [
        label,
        value,
      ]),
    }),
  );
}

describe('the Grafana dashboard', () => {
  let world: Simulated;
  let told: Exposition;
  before(async () => {
    world = await simulated();
    told = await scrape(world.tandem);
  });
  after(() => world[Symbol.asyncDispose]());

  const familyOf = (name: string): Family | undefined =>
    told.families.get(name) ??
    [...told.families.values()].find(({ samples }) => samples.some((sample) => sample.name === name));

  test('asks for nothing that /metrics does not give, labels and their values included', () => {
    const selectors = expressions.flatMap(selectorsIn);
    assert(selectors.length > 25, `only ${selectors.length} selectors were seen`);
    for (const { name, matchers } of selectors) {
      const family = familyOf(name);
      assert(family, `there is no metric ${name}`);
      for (const [label, value] of matchers.filter(([, each]) => !each.startsWith('$')))
        assert(
          family.samples.some(({ labels }) => labels[label] === value),
          `${name} has no ${label}="${value}"`,
        );
    }
  });

  test('sums by, and names, only labels that there are', () => {
    for (const { expr, legendFormat } of targets) {
      const labels = selectorsIn(expr).flatMap(({ name }) =>
        (familyOf(name)?.samples ?? []).flatMap((sample) => Object.keys(sample.labels)),
      );
      const summed = [...expr.matchAll(/by \(([^)]*)\)/g)].flatMap(([, list = '']) => list.split(/, */));
      const named = [...legendFormat.matchAll(/\{\{(\w+)\}\}/g)].map(([, label = '']) => label);
      for (const label of [...summed, ...named]) assert(labels.includes(label), `${label} in ${expr}`);
      // What is summed by is told apart in the legend, or goes into a quantile.
      for (const label of summed) assert(label === 'le' || named.includes(label), `${label} of ${expr}`);
    }
  });

  test('shows everything that Tandem tells', () => {
    const asked = new Set(expressions.flatMap(selectorsIn).map(({ name }) => name));
    const own = [...told.families.keys()].filter((name) => name.startsWith('tandem_'));
    assert(own.length > 15);
    for (const name of own) assert(asked.has(name) || asked.has(`${name}_bucket`), name);
  });

  test('asks the data source that its reader chooses, about the instance that its reader chooses', () => {
    const [source, instance] = templating.list;
    assert.deepEqual([source?.name, source?.type, source?.query], ['datasource', 'datasource', 'prometheus']);
    assert.deepEqual([instance?.name, instance?.type], ['instance', 'query']);
    for (const { expr, datasource } of targets) {
      assert.deepEqual(datasource, { type: 'prometheus', uid: '$' + '{datasource}' });
      for (const { name, matchers } of selectorsIn(expr))
        assert.deepEqual(matchers[0], ['instance', '$instance'], `${name} in ${expr}`);
    }
  });

  test('has a name of its own, and panels that do not lie on each other, in rows', () => {
    assert.equal(dashboard.uid, 'tandem');
    assert(dashboard.schemaVersion >= 42);
    assert.equal(panels[0]?.type, 'row');
    assert.equal(new Set(panels.map(({ id }) => id)).size, panels.length);
    const cells = new Set<string>();
    for (const { title, gridPos } of panels) {
      assert(gridPos.x + gridPos.w <= 24, title);
      for (let x = gridPos.x; x < gridPos.x + gridPos.w; x++)
        for (let y = gridPos.y; y < gridPos.y + gridPos.h; y++) {
          assert(!cells.has(`${x},${y}`), `${title} lies on another`);
          cells.add(`${x},${y}`);
        }
    }
    for (const { title, targets: asked = [] } of panels)
      assert.equal(new Set(asked.map(({ refId }) => refId)).size, asked.length, title);
  });
});
