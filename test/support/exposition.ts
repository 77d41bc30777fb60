import assert from 'node:assert/strict';

export type Labels = Readonly<Record<string, string>>;

export interface Sample {
  readonly name: string;
  readonly labels: Labels;
  readonly value: number;
}

/** All that is told of one metric. */
export interface Family {
  readonly type: string;
  readonly help: string;
  readonly samples: readonly Sample[];
}

const sampleLine = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (\S+)$/;
const label = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\[\\"n])*)"(?:,(?!$)|$)/y;
const number = /^(?:[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?|[+-]Inf|[Nn]a[Nn])$/;
const endings: Readonly<Record<string, readonly string[]>> = {
  gauge: [''],
  counter: [''],
  histogram: ['_bucket', '_sum', '_count'],
};

/** What a scrape told. */
export class Exposition {
  readonly families: ReadonlyMap<string, Family>;

  constructor(text: string) {
    this.families = parse(text);
  }

  /** The value of the one series of that name that has these labels and no other; undefined where there is none. */
  value(name: string, labels: Labels = {}): number | undefined {
    const family = this.families.get(name) ?? this.families.get(name.replace(/_(bucket|sum|count)$/, ''));
    assert(family, `there is no metric ${name}`);
    return family.samples.find((sample) => sample.name === name && text(sample.labels) === text(labels))
      ?.value;
  }
}

/** What a service tells now. */
export async function scrape({ url }: { readonly url: string }): Promise<Exposition> {
  return new Exposition(await (await fetch(`${url}/metrics`)).text());
}

/** An empty label is none. */
const text = (labels: Labels): string =>
  JSON.stringify(
    Object.entries(labels)
      .filter(([, value]) => value !== '')
      .sort(),
  );

/** Reads Prometheus' text format, version 0.0.4, and accepts nothing that it leaves open. */
function parse(text: string): ReadonlyMap<string, Family> {
  assert(text.endsWith('\n'), 'the last line has no end');
  const families = new Map<string, Family & { readonly samples: Sample[] }>();
  const seen = new Set<string>();
  let help: { name: string; text: string } | null = null;
  let family: { name: string; type: string; samples: Sample[] } | null = null;
  for (const line of text.slice(0, -1).split('\n')) {
    if (line === '') continue;
    if (line.startsWith('#')) {
      const [, keyword, name = '', rest = ''] =
        /^# (HELP|TYPE) ([a-zA-Z_:][a-zA-Z0-9_:]*) (.+)$/.exec(line) ?? [];
      assert(keyword, `no comment that means something: ${line}`);
      assert(!families.has(name), `${name} is begun twice`);
      if (keyword === 'HELP') {
        help = { name, text: rest };
        continue;
      }
      assert.equal(help?.name, name, `${name} has no help`);
      assert(endings[rest], `${name} is a ${rest}`);
      family = { name, type: rest, samples: [] };
      families.set(name, { type: rest, help: help?.text ?? '', samples: family.samples });
      continue;
    }
    const [, name = '', inBraces = '', value = ''] = sampleLine.exec(line) ?? [];
    assert(family, `a sample of nothing: ${line}`);
    assert(endings[family.type]?.includes(name.slice(family.name.length)), `${line} in ${family.name}`);
    assert(name.startsWith(family.name) && number.test(value), `no sample: ${line}`);
    const labels = labelsIn(inBraces);
    const series = `${name} ${JSON.stringify(Object.entries(labels).sort())}`;
    assert(!seen.has(series), `twice: ${line}`);
    seen.add(series);
    family.samples.push({ name, labels, value: Number(value.replace('Inf', 'Infinity')) });
  }
  for (const [name, { type, samples }] of families) if (type === 'histogram') checkBuckets(name, samples);
  return families;
}

function labelsIn(text: string): Labels {
  const labels: Record<string, string> = {};
  for (label.lastIndex = 0; label.lastIndex < text.length; ) {
    const [, name = '', value = ''] = label.exec(text) ?? [];
    assert(name !== '' && !(name in labels), `no labels: ${text}`);
    labels[name] = value.replace(/\\(.)/g, (_, escaped) => (escaped === 'n' ? '\n' : escaped));
  }
  return labels;
}

/** Each bucket holds the smaller ones too, and the last one everything. */
function checkBuckets(name: string, samples: readonly Sample[]): void {
  const without = ({ le, ...labels }: Labels) => JSON.stringify(labels);
  for (const count of samples.filter((sample) => sample.name === `${name}_count`)) {
    const buckets = samples.filter(
      (sample) => sample.name === `${name}_bucket` && without(sample.labels) === without(count.labels),
    );
    const bounds = buckets.map(({ labels }) => Number(labels.le?.replace('Inf', 'Infinity')));
    assert.deepEqual(
      bounds,
      bounds.toSorted((a, b) => a - b),
    );
    assert.equal(bounds.at(-1), Number.POSITIVE_INFINITY);
    const counts = buckets.map(({ value }) => value);
    assert.deepEqual([...counts, count.value], [...counts.toSorted((a, b) => a - b), counts.at(-1)]);
  }
}
