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
  of 1,000 running engines and one of 10, with a journal that holds nothing. The p99 is that of a block, the median over
  blocks. The last line has the journal on disk, where every so many events the disk is waited for.
- **journal**: writing one event down with the state after it, in process, through a history in which engines come and go.
- **quiet**: the queries \`engines\` and \`vpnStatus\`, with every call to Docker counted by a proxy.
- **rest**: 100 engines that are well, on the embedded daemon, for 60 s in which nobody asks the service for anything; with
  health checks as they are by default, and with none in that time.
- **http**: two queries, sent as fast as they are answered over 32 kept connections by a process of its own. The four sides
  are processes of their own too and take turns: Tandem; Yoga as its documentation has it, over the same schema and services;
  mercurius over the same SDL, with the same data from constants; a \`node:http\` server that thinks of nothing. Compared are
  rates within a round; processor time is that of all threads of the side that answers.
- **live**: 1,000 WebSockets that follow vpnStatus in a fleet of 50 engines that is held in memory: Tandem's server; graphql-yoga
  and graphql-ws as their documentation puts them together, with the same schema and data; and ws alone sending one buffer of
  the same bytes to all. Each in a process of its own and in turn; the clients in another, which reads no more of a message
  than its event's id. First changes come as fast as the loop turns, then one each 250 ms. "A page" selects what a page of
  VPNs and engines would show, "five fields" that many of each engine. On loopback the sender also pays for what the kernel
  does at the receiving end, and for raw ws that is nearly everything.
- **live-idle**: what 4,800 more followers make the process larger by, after a collection that gives pages back; and then the
  longest time between two turns of its event loop while an event each second goes to all of them.
- **live-stalled**: small events at 200 a second to 100 clients over ten times 50 s, on a journal on disk. Memory is the difference
  of two processes, of which each does the whole once. Who is sent away finds 1013 behind what he has not read; if he reads nothing for
  another half minute the socket is cut, and he finds 1006 instead. Either way he comes back with \`after\`.
- **detect**: Docker's event as it comes to the process that measures, straight off its socket, against the message
  ENTERED as it comes to the same process over a WebSocket. No engines run. Whether a VPN is killed or turns unhealthy, it
  recovers before the next try; the two VPNs take turns.
- **crash**: the first process of a VPN's container gets a SIGKILL from the host. The time runs from just before that, so
  it holds what Docker needs to notice.
- **purge**: engines of a VPN that is killed in the same way. Unlisted: from Docker's die event to the answer of a query
  for \`engines\` that is sent when ENTERED has come. Gone: to Docker's destroy event of the last container. Meanwhile
  \`vpnStatus\` is asked every 10 ms, from before the kill to the end, whether the last answer has come or not. The VPNs of the 50
  publish no ports to the host, those of the few publish seven each.
- **restart**: from starting the process anew to the first 200 of \`/readyz\`, asked every 2 ms; engines have to be the
  same ones, by id, container, name and port. VPNs that publish no ports to the host.
- **stabilization**: from the event that a VPN is STABILIZING to ENGINE_ASSIGNED on it, with MIN_REPLICAS=2. The period of
  120 s is waited for by three services at once, each with two VPNs of its own.

From detect on there is nothing to compare with: these are plain times, Docker's included, and so also a matter of the
machine. Calls are counted in runs of their own, for the proxy that counts them takes time too. Intervals are bootstrap percentiles.
The images are stand-ins that answer like Gluetun and AceStream but have no tunnel and no player: real ones take longer to
become ready, which is the same for both sides.

## Raw figures

${notes.map((note) => `- ${note}`).join('\n')}

## Running it

    npm run bench                     # everything, about an hour
    npm run bench -- place turns      # some parts
    npm run bench -- --write          # and write this page
    TANDEM_BENCH_TRIES=3 npm run bench -- detect   # only whether it works: from journal on, a few tries

It needs a Docker daemon on a unix socket and \`/bin/busybox\` (package \`busybox-static\`) for the stand-ins; without them
the parts single-embedded, turns, place, journal, rest, http, live, live-idle, live-stalled and restart-embedded still run.
The part http installs mercurius in \`bench/mercurius\` when it is first run. It removes what it made, also when it is
interrupted.
`;
