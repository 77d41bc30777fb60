import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { until } from '../../test/support/docker/until.ts';

/** Waits until a child says what `wanted` matches. */
export async function hear(child: ChildProcess, wanted: RegExp): Promise<RegExpExecArray> {
  let said = '';
  child.stdout?.on('data', (chunk: Buffer) => {
    said = (said + chunk).slice(-10_000);
  });
  return until(`a child says ${wanted}`, () => {
    if (child.exitCode !== null) throw new Error(`a child ended with ${child.exitCode}: ${said}`);
    return wanted.exec(said) ?? undefined;
  });
}

/** Asks a child to end, and makes it end if it does not. */
export async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  const late = setTimeout(() => child.kill('SIGKILL'), 12_000);
  await ended;
  clearTimeout(late);
}
