// Runs on whatever Node the machine has, before anything is installed: hence plain JavaScript with no imports from npm.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = new URL('..', import.meta.url);
const stamp = new URL('node_modules/.tandem-lock', root);
const lock = createHash('sha256')
  .update(readFileSync(new URL('package-lock.json', root)))
  .digest('hex');

if (!existsSync(stamp) || readFileSync(stamp, 'utf8') !== lock) {
  console.log('tandem: installing what package-lock.json lists (npm ci; about a minute, once) ...');
  const npm = spawnSync('npm', ['ci', '--no-fund', '--no-audit', '--loglevel=error'], {
    cwd: root,
    stdio: 'inherit',
    shell: process.platform === 'win32',
  });
  if (npm.status !== 0) {
    console.error('tandem: npm ci failed (its message is above). Is the npm registry reachable?');
    process.exit(npm.status ?? 1);
  }
  const bin = fileURLToPath(new URL('node_modules/.bin/node', root));
  const version = spawnSync(bin, ['--version'], {
    encoding: 'utf8',
    shell: process.platform === 'win32',
  }).stdout?.trim();
  if (!/^v(2[4-9]|[3-9]\d)\./.test(version ?? '')) {
    console.error(
      `tandem: the package "node" should have brought Node 24, but its binary is ${version || 'missing'}. ` +
        'If install scripts are switched off (npm config get ignore-scripts), allow those of that package.',
    );
    process.exit(1);
  }
  writeFileSync(stamp, lock);
  console.log('tandem: installed.');
}
