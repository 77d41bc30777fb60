import assert from 'node:assert/strict';
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { parseEnv } from 'node:util';
import { parse as parseYaml } from 'yaml';
import { readSettings } from '../../src/config.ts';
import { startProcess } from '../support/process.ts';
import { simulated } from '../support/simulated.ts';
import { type Block, blocksOf, pages, root } from './markdown.ts';
import { execute, troublesIn } from './operation.ts';
import { noCurl, runShell } from './shell.ts';

/** Pages whose examples are run by tests of their own. */
const elsewhere: Readonly<Record<string, string>> = {
  'docs/cli.md': 'test/cli',
  'docs/deployment.md': 'test/deploy',
  'docs/rest.md': 'test/rest',
};

const keys = { API_KEY: 'change-me-to-something-long', API_KEY_READ: 'and-this-one-for-looking' };

/** What a block is to do, as its mark says: the words after the language, which readers do not see. */
interface Mark {
  readonly simulated: boolean;
  readonly keyed: boolean;
  /** The kind or code of the one trouble that is to come. */
  readonly expected: readonly string[];
  readonly until: string | null;
  /** Writes what the block before it wrote. */
  readonly again: boolean;
}

function readMark(mark: string): Mark {
  const words = mark === '' ? [] : mark.split(', ');
  const after = (word: string) => words.find((each) => each.startsWith(`${word} `))?.slice(word.length + 1);
  const known = words.filter((each) => /^(simulated|with a key|again)$|^(expects|until) ./.test(each));
  assert.deepEqual(known, words, 'the mark is understood');
  const expected = after('expects');
  return {
    simulated: words.includes('simulated'),
    keyed: words.includes('with a key'),
    expected: expected === undefined ? [] : [expected],
    until: after('until') ?? null,
    again: words.includes('again'),
  };
}

/** What a reader of one page has: services that run, and a folder of files. Made when they are first needed. */
class Reader implements AsyncDisposable {
  readonly #stack = new AsyncDisposableStack();
  readonly plain = this.#once(() => simulated({ env: { MIN_REPLICAS: '2', MAX_REPLICAS: '40' } }));
  readonly keyed = this.#once(() => simulated({ env: keys, whenReady: false }));
  readonly simulation = this.#once(() => startProcess({ args: ['--embedded'], env: {} }));
  readonly folder = this.#once(async () => {
    const folder = await mkdtemp(join(tmpdir(), 'tandem-docs-'));
    await symlink(join(root, 'node_modules'), join(folder, 'node_modules'));
    return { path: folder, [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }) };
  });
  written = '';

  async service(mark: Mark) {
    return mark.simulated ? this.simulation() : (await (mark.keyed ? this.keyed() : this.plain())).tandem;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#stack.disposeAsync();
  }

  #once<T extends AsyncDisposable>(make: () => Promise<T>): () => Promise<T> {
    let made: Promise<T> | null = null;
    return () => {
      made ??= make().then((thing) => this.#stack.use(thing));
      return made;
    };
  }
}

/** The one address that the pages name, where the service of a test is elsewhere. */
const at = (url: string, text: string): string => text.replaceAll('localhost:8000', new URL(url).host);

type Follow = (block: Block, reader: Reader) => Promise<void>;

const operation: Follow = async ({ text, mark }, reader) => {
  const read = readMark(mark);
  assert.deepEqual(await execute(text, await reader.service(read)), read.expected);
};

const commands: Follow = async ({ text, mark }, reader) => {
  const read = readMark(mark);
  const { url } = await reader.service(read);
  const { path: cwd } = await reader.folder();
  const env = read.keyed ? keys : {};
  const written = await runShell({ text: at(url, text), cwd, env, until: read.until });
  if (text.startsWith('curl ') && read.until === null)
    assert.deepEqual(troublesIn(JSON.parse(written)), read.expected);
  if (read.again) assert.equal(written, reader.written);
  reader.written = written;
};

const file: Follow = async ({ text, mark }, reader) => {
  assert.match(mark, /^[\w.-]+$/, 'a file is named after the language');
  const [{ tandem }, { path }] = [await reader.plain(), await reader.folder()];
  await writeFile(join(path, mark), at(tandem.url, text));
};

const follow: Readonly<Record<string, Follow>> = {
  graphql: operation,
  sh: commands,
  js: file,
  ts: file,
  html: file,
  json: async ({ text }) => void JSON.parse(text),
  yaml: async ({ text }) => void parseYaml(text, { strict: true, uniqueKeys: true }),
  dotenv: async ({ text }) => void readSettings(parseEnv(text), null),
  text: async () => undefined,
};

/** Why a block is only shown; false when it is run. */
const reasonNotTo = ({ mark, language, text }: Block): string | false =>
  /^not run: (.+)$/.exec(mark)?.[1] ?? (language === 'sh' && /\bcurl\b/.test(text) && noCurl);

for (const page of pages) {
  const blocks = blocksOf(page);
  if (blocks.length === 0 || page in elsewhere) continue;

  describe(`${page}, followed from top to bottom`, () => {
    const reader = new Reader();
    after(() => reader[Symbol.asyncDispose]());

    for (const [index, block] of blocks.entries()) {
      const { language, mark, text } = block;
      const [firstLine = ''] = text.split('\n');
      test(`${index + 1}. ${language} ${mark || firstLine}`, async (context) => {
        const why = reasonNotTo(block);
        // What a page itself says cannot be tried is no test that was left out.
        if (why !== false && why !== noCurl) return context.diagnostic(`not run: ${why}`);
        if (why !== false) return context.skip(why);
        const step = follow[language];
        assert(step, `nobody knows what to do with ${language || 'a block without a language'}`);
        await step(block, reader);
      });
    }
  });
}

test('most examples are run', () => {
  const all = pages.filter((page) => !(page in elsewhere)).flatMap(blocksOf);
  const run = all.filter(
    ({ language, mark }) => ['graphql', 'sh'].includes(language) && !mark.startsWith('not run'),
  );
  assert(run.length > 30, `${run.length} of ${all.length}`);
});
