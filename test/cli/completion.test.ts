import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { stripVTControlCharacters } from 'node:util';
import { cli } from '../support/cli.ts';

const folder = mkdtempSync(join(tmpdir(), 'tandem-completion-'));
after(() => rmSync(folder, { recursive: true }));

const missing = (shell: string) =>
  spawnSync(shell, ['-c', 'true']).status === 0
    ? false
    : `there is no ${shell}, in which the completion for it could be tried (Debian: apt-get install ${shell}).`;

async function scriptFor(shell: string): Promise<string> {
  const { code, out } = await cli(['completion', shell]);
  assert.equal(code, 0);
  const path = join(folder, shell);
  writeFileSync(path, out);
  return path;
}

/** What a shell, run with these arguments, prints, a word a line. */
function printed(shell: string, ...args: string[]): string[] {
  const { stdout, stderr, status } = spawnSync(shell, args, { encoding: 'utf8', cwd: folder });
  assert.equal(status, 0, stderr);
  return stdout
    .split('\n')
    .map((line) => line.split('\t')[0] ?? '')
    .filter(Boolean);
}

/** What each of these lines can be completed to, and some of what it cannot. */
const cases = [
  { line: 'tandem sta', with: ['status'], without: ['engines'] },
  { line: 'tandem ', with: ['status', 'provision', 'doctor', 'completion'], without: ['RUNNING'] },
  { line: 'tandem engines --st', with: ['--state'], without: ['--count'] },
  { line: 'tandem provision --c', with: ['--count'], without: ['--state'] },
  { line: 'tandem engines --state R', with: ['RUNNING'], without: ['status', 'UNHEALTHY'] },
  { line: 'tandem completion z', with: ['zsh'], without: ['bash'] },
] as const;

describe('completion', () => {
  test('in bash', async () => {
    const path = await scriptFor('bash');
    for (const { line, ...expected } of cases) {
      const words = line.split(' ');
      const quoted = words.map((word) => `'${word}'`).join(' ');
      const program = `set -eu; source '${path}'; COMP_WORDS=(${quoted}); COMP_CWORD=${words.length - 1}; _tandem; printf '%s\\n' "\${COMPREPLY[@]}"`;
      check(line, printed('bash', '--norc', '-c', program), expected);
    }
    assert.match(
      printed('bash', '--norc', '-c', `source '${path}'; complete -p tandem`).join(),
      /-F _tandem tandem/,
    );
  });

  test('in zsh', { skip: missing('zsh') }, async () => {
    const path = await scriptFor('zsh');
    for (const { line, ...expected } of cases) {
      // Completion runs only where somebody types: in a terminal inside the shell, which shows the list.
      const program = `
        zmodload zsh/zpty; zpty shell zsh -f -i
        zpty -w shell "PS1=; LISTMAX=1000; source '${path}'; bindkey '^I' list-choices; print REA''DY"
        zpty -m -r shell out '*READY*'
        zpty -w -n shell "${line}"$'\\t'; zpty -m -r shell shown '*${expected.with[0]}*'
        zpty -w -n shell $'\\x15'"print DO''NE"$'\\n'; zpty -m -r shell rest '*DONE*'
        print -r -- "$shown$rest"; zpty -d shell`;
      const shown = printed('timeout', '20', 'zsh', '-f', '-c', program).flatMap((text) =>
        stripVTControlCharacters(text).split(/\s+/),
      );
      check(line, shown, expected);
    }
  });

  test('in fish', { skip: missing('fish') }, async () => {
    const path = await scriptFor('fish');
    for (const { line, ...expected } of cases)
      check(line, printed('fish', '--no-config', '-c', `source '${path}'; complete -C '${line}'`), expected);
  });
});

function check(
  line: string,
  found: readonly string[],
  expected: { with: readonly string[]; without: readonly string[] },
) {
  for (const word of expected.with) assert(found.includes(word), `${line}: no ${word} in ${found.join(' ')}`);
  for (const word of expected.without)
    assert(!found.includes(word), `${line}: ${word} in ${found.join(' ')}`);
}
