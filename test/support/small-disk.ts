import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const run = (command: string, ...args: string[]) => spawnSync(command, args, { encoding: 'utf8' });

/** A disk of one megabyte, for as long as it is in use. */
export class SmallDisk implements Disposable {
  readonly folder = mkdtempSync(join(tmpdir(), 'tandem-disk-'));
  /** Why there is none; empty when there is. */
  readonly problem: string;
  readonly #filler = join(this.folder, 'filler');

  constructor() {
    const { status, stderr, error } = run('mount', '-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', this.folder);
    this.problem = status === 0 ? '' : `no small disk can be mounted: ${stderr || error}`;
  }

  fill(): void {
    const file = openSync(this.#filler, 'a');
    try {
      for (;;) writeSync(file, Buffer.alloc(1_024, 'x'));
    } catch (problem) {
      assert.equal((problem as NodeJS.ErrnoException).code, 'ENOSPC');
    } finally {
      closeSync(file);
    }
  }

  free(): void {
    rmSync(this.#filler);
  }

  remount(how: 'ro' | 'rw'): void {
    const { status, stderr } = run('mount', '-o', `remount,${how}`, this.folder);
    assert.equal(status, 0, stderr);
  }

  [Symbol.dispose](): void {
    run('umount', '--lazy', this.folder);
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** Why tests that need one are skipped; false where they are not. */
export const noSmallDisk: string | false = (() => {
  using disk = new SmallDisk();
  return disk.problem || false;
})();
