import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { ProvisionEngines } from '../api/operations.ts';
import { Cli, cliPath } from '../support/cli.ts';
import { type Simulated, simulated } from '../support/simulated.ts';

/** Every line of every block of docs/cli.md that is marked as one for a shell. */
const document = readFileSync(join(import.meta.dirname, '../../docs/cli.md'), 'utf8');
const commands = [...document.matchAll(/^```sh\n([\s\S]*?)^```/gm)].flatMap(([, block = '']) =>
  block.trim().split('\n'),
);

/** Ended only by a signal. */
const isEndless = (command: string) => /\bwatch\b|--follow\b/.test(command);

let world: Simulated;
const folder = mkdtempSync(join(tmpdir(), 'tandem-docs-'));
before(async () => {
  world = await simulated();
  // Those that are stopped.
  await world.tandem.ask(ProvisionEngines, { input: { count: 3 } });
  symlinkSync(cliPath, join(folder, 'tandem'));
});
after(async () => {
  await world[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true });
});

test('docs/cli.md has commands for every command', () => {
  for (const name of [
    'status',
    'watch',
    'engines',
    'provision',
    'stop',
    'scale',
    'events',
    'doctor',
    'completion',
  ])
    assert(
      commands.some((command) => command.startsWith(`tandem ${name}`)),
      name,
    );
});

for (const command of commands)
  test(`docs/cli.md: ${command}`, async () => {
    const PATH = [folder, dirname(process.execPath), process.env.PATH].join(delimiter);
    await using running = new Cli(['-c', isEndless(command) ? `exec ${command}` : command], {
      command: ['bash'],
      cwd: folder,
      env: { PATH, TANDEM_URL: world.tandem.url },
    });
    if (isEndless(command)) {
      await running.says(/\n/);
      running.kill('SIGINT');
    }
    const { code, err } = await running.ended();
    assert.equal(code, 0, err);
    assert.equal(err, '');
  });
