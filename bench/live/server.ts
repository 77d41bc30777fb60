// A server for subscriptions in a process of its own, and the world that it tells of.
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { systemClock } from '../../src/async/clock.ts';
import { turn } from '../../src/async/turn.ts';
import { openJournal } from '../../src/journal/sqlite.ts';
import type { LiveLimits } from '../../src/server/live/limits.ts';
import { aWorld, range, started, type World } from '../../test/support/build.ts';
import { type Recipe, type RecipeName, recipes, type Selection } from './recipes.ts';
import { serveQuestions, sharedNow } from './rpc.ts';

export interface Sent {
  /** When each event was recorded, by position. */
  readonly at: readonly (readonly [position: number, at: number])[];
  readonly cpuMs: number;
  /** The longest that the event loop was kept from its next turn. */
  readonly stallMs: number;
}

let world: World;
let recipe: Recipe;

const handlers = {
  open: async (asked: {
    recipe: RecipeName;
    engines: number;
    journal: string | null;
    selection: Selection;
    live?: Partial<LiveLimits>;
  }) => {
    const eventsMax = 1_000_000;
    const newRun = () => '00000000';
    const journaled =
      asked.journal === null
        ? null
        : openJournal({
            folder: asked.journal,
            eventsMax,
            eventsMaxMs: 86_400_000,
            clock: systemClock,
            newRun,
          });
    const vpns = ['first', 'second'];
    world = aWorld({
      vpns,
      ports: new Map(vpns.map((vpn, index) => [vpn, range(19_000 + 1_000 * index, 19_999 + 1_000 * index)])),
      policy: { minReplicas: 0, maxReplicas: 1_000 },
      clock: systemClock,
      tail: 1_000,
      ...(journaled && { journal: journaled.journal }),
    });
    for (let made = 0; made < asked.engines; made++) started(world.fleet);
    recipe = await recipes[asked.recipe](world, asked.selection, asked.live);
    return recipe.port;
  },

  /** Changes something again and again for so long. */
  flood: async (ms: number) => {
    const before = process.cpuUsage();
    const begin = performance.now();
    let changes = 0;
    for (; performance.now() - begin < ms; changes++) {
      change();
      await turn();
    }
    return { changes, cpuMs: cpuSince(before), ms: performance.now() - begin };
  },

  /** Changes something `count` times, `burst` at once, with pauses between. */
  pace: async ({
    everyMs,
    count,
    burst = 1,
  }: {
    everyMs: number;
    count: number;
    burst?: number;
  }): Promise<Sent> => {
    const delay = monitorEventLoopDelay({ resolution: 1 });
    await sleep(100);
    delay.enable();
    const before = process.cpuUsage();
    const begin = performance.now();
    const at: [number, number][] = [];
    while (at.length < count) {
      for (let n = 0; n < burst; n++) {
        const now = sharedNow();
        at.push([change(), now]);
      }
      await sleep(Math.max(0, begin + (at.length / burst) * everyMs - performance.now()));
    }
    delay.disable();
    // What is measured is the time between two turns of a timer of 1 ms.
    return { at, cpuMs: cpuSince(before), stallMs: delay.max / 1e6 - 1 };
  },

  memory: async () => {
    // As V8 does by itself when a process has been idle for a while: pages that hold nothing are given back.
    for (let n = 0; n < 3; n++) {
      globalThis.gc?.({ type: 'major', execution: 'sync', flavor: 'last-resort' });
      await sleep(100);
    }
    const { rss, heapUsed, external } = process.memoryUsage();
    return { rss, used: heapUsed + external };
  },
};

export type ServerHandlers = typeof handlers;

/** One event, and nothing else: fifty engines stay what they are. */
function change(): number {
  world.fleet.record([[{ type: 'SCALING' }, 'Something has changed, and here is what: a benchmark runs.']]);
  recipe.send?.();
  return Number.parseInt(world.events.lastId, 10);
}

function cpuSince(before: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000;
}

serveQuestions(handlers);
