import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  closeSync,
  existsSync,
  mkdtempSync,
  openSync,
  rmSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';

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

/** A disk that can have an error: then the kernel makes it read-only under whoever uses it, until it is mounted anew. */
export class FragileDisk implements Disposable {
  readonly folder = mkdtempSync(join(tmpdir(), 'tandem-disk-'));
  /** Why there is none; empty when there is. */
  readonly problem: string;
  readonly #image = `${this.folder}.img`;

  constructor() {
    writeFileSync(this.#image, '');
    truncateSync(this.#image, 8 * 1_024 * 1_024);
    const made = run('mkfs.ext4', '-q', '-O', '^has_journal', this.#image);
    this.problem = made.status === 0 ? this.#mount() : `no disk can be made: ${made.stderr || made.error}`;
    if (this.problem === '' && !existsSync(this.#trigger))
      this.problem = 'no disk can be told to have an error';
  }

  /** What was written so far is safe; nothing else will be. */
  fail(): void {
    assert.equal(run('sync', '-f', this.folder).status, 0);
    writeFileSync(this.#trigger, '1');
  }

  /** Nobody may have a file open on it. */
  repair(): void {
    assert.equal(run('umount', this.folder).status, 0, 'somebody still uses the disk');
    assert.equal(this.#mount(), '');
  }

  #mount(): string {
    const { status, stderr, error } = run('mount', '-o', 'loop,errors=remount-ro', this.#image, this.folder);
    return status === 0 ? '' : `no disk can be mounted: ${stderr || error}`;
  }

  get #trigger(): string {
    const device = basename(run('findmnt', '-no', 'SOURCE', this.folder).stdout.trim());
    const loop = basename(run('losetup', '-nO', 'NAME', '-j', this.#image).stdout.trim() || device);
    return `/sys/fs/ext4/${loop}/trigger_fs_error`;
  }

  [Symbol.dispose](): void {
    run('umount', '--lazy', this.folder);
    rmSync(this.folder, { recursive: true, force: true });
    rmSync(this.#image, { force: true });
  }
}

/** Why tests that need one are skipped; false where they are not. */
const whyNot = (Disk: typeof SmallDisk | typeof FragileDisk): string | false => {
  using disk = new Disk();
  return disk.problem || false;
};
export const noSmallDisk = whyNot(SmallDisk);
export const noFragileDisk = whyNot(FragileDisk);
