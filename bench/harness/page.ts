import { execFileSync } from 'node:child_process';
import { availableParallelism, cpus } from 'node:os';
import { realDocker } from '../../test/support/docker/real-docker.ts';
import { type Row, table } from './report.ts';

/** One line on what the figures were measured with. */
export async function machine(): Promise<string> {
  const found = await realDocker();
  const docker = found.here ? (await found.docker.version()).Version : 'none';
  const git = (...args: string[]) =>
    execFileSync('git', args, { cwd: import.meta.dirname, encoding: 'utf8' }).trim();
  const commit = git('rev-parse', '--short', 'HEAD');
  const changed = git('status', '--porcelain', '--', '../../src') === '' ? '' : ' with changes';
  const cpu = cpus()[0]?.model.trim() ?? 'unknown processor';
  return `${availableParallelism()} cores (${cpu}), Node ${process.version}, Docker ${docker}, Tandem ${commit}${changed}.`;
}

/** The text of docs/performance.md. */
export const page = (where: string, rows: readonly Row[], notes: readonly string[]): string => `# Performance

Written by \`npm run bench -- --write\`.

Most of what starting a container costs is spent in Docker, runc and the kernel, whoever asks for it. So the question is not how fast Tandem is, but how much it adds. It is measured against a plain script that does the
same with nothing in between: it sends Docker the same two calls for each engine on a kept connection, as many at once as
suits it best, and asks the engine until it answers, as Tandem does. Both run in turn, A-B-A-B, on the same daemon and the
same two VPN containers; what is compared are ratios, or differences, of runs that were made side by side, so that what
else the machine does hits both alike.

${where}

${table(rows)}

## How

- **batch**: 100 engines by one \`provisionEngines\`, over HTTP, from a Tandem in a process of its own with real Docker
  settings; from sending the mutation to its answer. Removing them is not part of the time. The plain script is in the
  process that measures and is tried at 3, 4 and 6 starts at once; the fastest of these is the one to beat.
- **single**: one engine at a time, each from sending the request to the answer that it runs. The engine's own readiness is
  in both times alike: same container, same question on the same address, same pauses between two tries. The lines give
  the median of the differences within a pair, and the difference of the two 99th percentiles. The second pair of lines is the same on the embedded daemon, where creating
  and starting take 5 ms each and the engine answers at the first try, so that nothing but Tandem's own share and the
  script's can differ.
- **callers**: 64 requests at once, for one engine each.
- **turns**: how many engines of a batch of 500 are begun between the arrival of a single request and its own beginning;
  the embedded daemon, behind a proxy that notes every call.
- **place**: choosing, claiming and giving back a place in the fleet, in process, in blocks that alternate between a fleet
  of 1,000 running engines and one of 10. The p99 is that of a block, the median over blocks.
- **quiet**: the queries \`engines\` and \`vpnStatus\`, with every call to Docker counted by a proxy.

Calls are counted in runs of their own, for the proxy that counts them takes time too. Intervals are bootstrap percentiles.
The images are stand-ins that answer like Gluetun and AceStream but have no tunnel and no player: real ones take longer to
become ready, which is the same for both sides.

## Raw figures

${notes.map((note) => `- ${note}`).join('\n')}

## Running it

    npm run bench                     # everything, about a quarter of an hour
    npm run bench -- place turns      # some parts
    npm run bench -- --write          # and write this page

It needs a Docker daemon on a unix socket and \`/bin/busybox\` (package \`busybox-static\`) for the stand-ins; without them
the parts single-embedded, turns and place still run. It removes what it made, also when it is interrupted.
`;
