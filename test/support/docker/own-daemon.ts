import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { randomBytes, randomInt } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type RealDocker, realDocker } from './real-docker.ts';
import { until } from './until.ts';

/** A daemon that nobody else uses, so that it may be stopped and frozen. */
export interface OwnDaemon extends AsyncDisposable {
  readonly real: Extract<RealDocker, { here: true }>;
  /** Until the end of the scope it does nothing, and says nothing. */
  freeze(): Disposable;
}

/** Why no such daemon can be had; false when it can. */
export const noOwnDaemon: string | false =
  process.platform !== 'linux' || process.getuid?.() !== 0
    ? 'only root on Linux can run a Docker daemon of its own. No daemon was frozen.'
    : !has('dockerd') || !has('ip')
      ? 'dockerd and ip (iproute2) are not installed. No daemon was frozen.'
      : false;

function has(program: string): boolean {
  try {
    execFileSync('which', [program], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** Everything of it is its own: data, sockets, and the bridge, for daemons that share one would delete each other's. */
export async function ownDaemon(): Promise<OwnDaemon> {
  // overlayfs does not work on top of itself, which is what a temporary folder of a container may be.
  const folder = await mkdtemp('/var/tmp/tandem-dockerd-');
  const bridge = `tdm${randomBytes(4).toString('hex')}`;
  const ip = (...args: string[]) => execFileSync('ip', args);
  let daemon: ChildProcess | undefined;
  const close = async () => {
    if (daemon?.exitCode === null && daemon.signalCode === null) {
      daemon.kill('SIGTERM');
      await once(daemon, 'exit');
    }
    ip('link', 'delete', bridge);
    await rm(folder, { recursive: true, force: true });
  };
  ip('link', 'add', bridge, 'type', 'bridge');
  try {
    ip('addr', 'add', `10.${randomInt(200, 250)}.${randomInt(0, 250)}.1/24`, 'dev', bridge);
    ip('link', 'set', bridge, 'up');
    const host = `unix://${join(folder, 'docker.sock')}`;
    daemon = spawn(
      'dockerd',
      [
        ...['--host', host, '--pidfile', join(folder, 'pid'), '--bridge', bridge],
        ...['--data-root', join(folder, 'data'), '--exec-root', join(folder, 'exec')],
        ...['--iptables=false', '--ip-masq=false'],
      ],
      { stdio: ['ignore', 'ignore', 'pipe'] },
    );
    process.once('exit', () => daemon?.kill());
    let said = '';
    daemon.stderr?.setEncoding('utf8').on('data', (text: string) => {
      said += text;
    });
    const found = await until(
      'a daemon of its own answers',
      async () => {
        if (daemon?.exitCode !== null) throw new Error(`dockerd has ended:\n${said}`);
        const there = await realDocker(host);
        return there.here && there;
      },
      20_000,
    );
    return {
      real: found,
      freeze() {
        daemon?.kill('SIGSTOP');
        return { [Symbol.dispose]: () => void daemon?.kill('SIGCONT') };
      },
      [Symbol.asyncDispose]: close,
    };
  } catch (problem) {
    await close();
    throw problem;
  }
}
