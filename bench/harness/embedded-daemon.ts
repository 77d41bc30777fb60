// The embedded daemon in a process of its own, as a real one is: node embedded-daemon.ts <options as JSON>
import { systemClock } from '../../src/async/clock.ts';
import { startEmbeddedDocker } from '../../src/docker/embedded/index.ts';
import { countingProxy } from './counting-proxy.ts';

/** Starts are answered only when the engine has had time to listen: nobody who asks it then has to ask twice. */
const answerStartsAfterMs = 5;

const options = JSON.parse(process.argv[2] ?? '{}');
await using _daemon = await startEmbeddedDocker({ ...options, clock: systemClock });
await using front = await countingProxy(options, answerStartsAfterMs);
console.log(`listening at ${front.socketPath}\n`);
await new Promise((resolve) => process.once('SIGTERM', resolve));
