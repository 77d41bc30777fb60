import { parseArgs } from 'node:util';
import { fuzz } from './fuzz.ts';

/**
 * npm run fuzz -- --documents 1000000            from a seed that it prints
 * npm run fuzz -- --documents 1 --seed 4711      that one again
 */
const { values } = parseArgs({
  options: {
    documents: { type: 'string', default: '1000000' },
    seed: { type: 'string', default: String(Date.now()) },
  },
});
const documents = Number(values.documents);
const seed = Number(values.seed);
if (!Number.isSafeInteger(documents) || documents < 1 || !Number.isSafeInteger(seed) || seed < 0) {
  console.error('fuzz: --documents takes a whole number from 1 on, and --seed one from 0 on.');
  process.exit(2);
}

console.log(`fuzz: ${documents} documents, seeds ${seed} to ${seed + documents - 1}`);
let told = performance.now();
const report = await fuzz({
  seed,
  documents,
  progress: (done) => {
    if (performance.now() - told < 30_000) return;
    told = performance.now();
    console.log(`fuzz: ${done} documents, ${Math.round(process.memoryUsage().heapUsed / 1e6)} MB of heap`);
  },
});
for (const { seed, what, asked } of report.failures) console.error(`fuzz: seed ${seed}: ${what}\n${asked}\n`);
const { answered, refused, limited, ways, slowestMs, tookMs } = report;
console.log(
  `fuzz: ${Math.round(documents / (tookMs / 1_000))} documents a second; ${answered} answered, ${refused} refused, ${limited} beyond a limit; ${ways.POST} by POST, ${ways.GET} by GET, ${ways.events} as a stream, ${ways.socket} over WebSocket; the slowest took ${slowestMs.toFixed(0)} ms; ${report.failures.length} failures`,
);
process.exit(report.failures.length === 0 ? 0 : 1);
