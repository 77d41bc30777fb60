import { readdirSync, readFileSync } from 'node:fs';

/** Milliseconds of processor time that all threads of a process have used so far. */
export function cpuMsOf(pid: number | undefined): number {
  const tasks = `/proc/${pid}/task`;
  const nanoseconds = readdirSync(tasks).map((task) =>
    Number(readFileSync(`${tasks}/${task}/schedstat`, 'utf8').split(' ')[0]),
  );
  return nanoseconds.reduce((sum, each) => sum + each, 0) / 1e6;
}
