import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, describe, test } from 'node:test';

const path = join(import.meta.dirname, '../../deploy/systemd/tandem.service');
const unit = readFileSync(path, 'utf8');
const setting = (name: string): string => new RegExp(`^${name}=(.*)$`, 'm').exec(unit)?.[1] ?? '';

const analyze = (...args: string[]) => {
  const { status, stdout, stderr } = spawnSync('systemd-analyze', args, { encoding: 'utf8' });
  return { status, said: `${stdout}${stderr}` };
};

describe('the systemd unit', () => {
  test('keeps the journal where systemd makes a folder for it', () => {
    const environment = setting('Environment');
    assert.match(environment, new RegExp(`DATA_DIR=/var/lib/${setting('StateDirectory')}( |$)`));
    assert.match(environment, new RegExp(`NODE_COMPILE_CACHE=/var/cache/${setting('CacheDirectory')}( |$)`));
    assert.equal(setting('WorkingDirectory'), `/etc/${setting('ConfigurationDirectory')}`);
  });

  test('begins nothing anew that has a wrong configuration, runs no simulation, and waits until it has stopped', () => {
    assert.equal(setting('RestartPreventExitStatus'), '78');
    assert.doesNotMatch(setting('ExecStart'), /--embedded/);
    assert(Number(setting('TimeoutStopSec')) > 10);
  });
});

const here = analyze('--version').status === 0;
const skip = here ? false : 'systemd-analyze is not installed. What systemd says of the unit was not asked.';

describe('the systemd unit, says systemd', { skip }, () => {
  /** A machine as far as it matters: what the unit runs, and the units that every other one hangs on. */
  let root: string;
  const put = (name: string, text: string, mode = 0o644) => {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), text, { mode });
  };
  before(() => {
    root = mkdtempSync(join(tmpdir(), 'tandem-unit-'));
    for (const program of ['opt/tandem/node_modules/.bin/node', 'bin/kill'])
      put(program, '#!/bin/sh\n', 0o755);
    for (const target of ['sysinit', 'basic', 'shutdown', 'multi-user', 'network-online'])
      put(`etc/systemd/system/${target}.target`, '[Unit]\nDefaultDependencies=no\n');
    put('etc/systemd/system/docker.service', '[Service]\nExecStart=/bin/kill\n');
    copyFileSync(path, join(root, 'etc/systemd/system/tandem.service'));
  });
  after(() => rmSync(root, { recursive: true }));

  test('has no line that it does not know', () => {
    const { status, said } = analyze('verify', `--root=${root}`, '/etc/systemd/system/tandem.service');
    assert.deepEqual({ status, said }, { status: 0, said: '' });
  });

  test('exposes little', () => {
    const { said } = analyze('security', '--offline=true', '--no-pager', `--root=${root}`, 'tandem.service');
    const level = Number(/exposure level for tandem\.service: (\d+\.\d+)/.exec(said)?.[1]);
    assert(level <= 2, said);
  });
});
