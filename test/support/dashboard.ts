import { mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { until } from './docker/until.ts';

/** Where a picture of every step is kept. */
const artefacts = join(import.meta.dirname, '../../test-artefacts/dashboard');

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

interface Findings {
  readonly violations: readonly {
    readonly id: string;
    readonly nodes: readonly { readonly html: string; readonly failureSummary: string }[];
  }[];
}

/** The dashboard as somebody sees it. */
export interface Dashboard extends AsyncDisposable {
  readonly page: Page;
  /** What it asked of other hosts. */
  readonly strangers: readonly string[];
  /** What went wrong in its script, and what its own policy forbade. */
  readonly faults: readonly string[];
  /** How many engines that run, or start, it shows in each of these places. */
  counts(...places: string[]): Promise<number[]>;
  untilCounts(wanted: Readonly<Record<string, number>>): Promise<void>;
  untilSeen(text: string | RegExp): Promise<void>;
  /** The feed, the newest first. */
  feed(): Promise<string[]>;
  keep(name: string): Promise<void>;
  /** What keeps somebody from using it as it is now. */
  barriers(): Promise<string[]>;
}

/** `options` are those of a browser context, such as its size and colour scheme. */
export async function openDashboard(
  browser: Browser,
  url: string,
  options: BrowserContextOptions = {},
): Promise<Dashboard> {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, ...options });
  const page = await context.newPage();
  const strangers: string[] = [];
  const faults: string[] = [];
  page.on('request', (request) => {
    if (!request.url().startsWith(`${url}/`)) strangers.push(request.url());
  });
  page.on('pageerror', (problem) => faults.push(problem.message));
  page.on('console', (said) => {
    if (/security policy/i.test(said.text())) faults.push(said.text());
  });
  await page.goto(`${url}/`);

  const place = (name: string) => page.getByRole('article', { name, exact: true });
  const counts = (...places: string[]) =>
    Promise.all(
      places.map((name) =>
        place(name)
          .getByRole('button', { name: /^Stop / })
          .count(),
      ),
    );
  // What still moves is neither to be looked at nor to be judged.
  const rest = () =>
    page.evaluate(
      'Promise.all(document.getAnimations().filter((a) => a.effect.getComputedTiming().iterations < 99).map((a) => a.finished.catch(() => {})))',
    );
  return {
    page,
    strangers,
    faults,
    counts,
    async untilCounts(wanted) {
      await until(
        `the page shows ${JSON.stringify(wanted)}`,
        async () => `${await counts(...Object.keys(wanted))}` === `${Object.values(wanted)}`,
        20_000,
      );
    },
    untilSeen: (text) => page.getByText(text).first().waitFor(),
    feed: () => page.locator('.feed .message').allTextContents(),
    async keep(name) {
      mkdirSync(artefacts, { recursive: true });
      await rest();
      await page.screenshot({ path: join(artefacts, `${name}.png`), fullPage: true });
    },
    async barriers() {
      await rest();
      await page.evaluate(axe);
      const { violations } = await page.evaluate<Findings>('axe.run(document)');
      return violations.flatMap(({ id, nodes }) =>
        nodes.map(({ html, failureSummary }) => `${id}: ${html} ${failureSummary}`),
      );
    },
    [Symbol.asyncDispose]: () => context.close(),
  };
}
