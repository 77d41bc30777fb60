import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** The settings whose values nobody may be told. */
const secretNames = ['API_KEY', 'API_KEY_READ', 'GLUETUN_API_KEY', 'GLUETUN_API_PASSWORD'];

/** The secrets in an environment, the password of a DOCKER_HOST among them. */
export function secretsIn(env: Readonly<Record<string, string | undefined>>): string[] {
  const password = /\/\/[^/@]*:([^@]+)@/.exec(env.DOCKER_HOST ?? '')?.[1];
  return [...secretNames.map((name) => env[name]), password]
    .filter((secret) => secret !== undefined)
    .filter(Boolean);
}

/** How a secret looks when it was encoded on its way; base64 in each of the three places where it can begin. */
function disguises(secret: string): string[] {
  const bytes = Buffer.from(secret);
  const base64 = [0, 1, 2].map((before) => {
    const text = Buffer.concat([Buffer.alloc(before), bytes])
      .toString('base64')
      .replace(/=+$/, '');
    // The first and the last characters are made of what stands beside it, too.
    return text.slice(before === 0 ? 0 : before + 1, -1);
  });
  const plain = [
    secret,
    encodeURIComponent(secret),
    JSON.stringify(secret).slice(1, -1),
    bytes.toString('hex'),
  ];
  return [
    ...new Set([
      ...plain,
      ...base64,
      ...base64.map((text) => text.replaceAll('+', '-').replaceAll('/', '_')),
    ]),
  ];
}

/** Fails where a secret is in what was said, as it is or encoded. */
export function assertSilent(where: string, said: string | Buffer, secrets: readonly string[]): void {
  for (const secret of secrets)
    for (const disguise of disguises(secret))
      assert(!said.includes(disguise), `a secret is in ${where}, as ${disguise.slice(0, 4)}…`);
}

/** The same for every file in a folder. */
export async function assertFilesSilent(folder: string, secrets: readonly string[]): Promise<void> {
  if (secrets.length === 0) return;
  for (const file of await readdir(folder)) assertSilent(file, await readFile(join(folder, file)), secrets);
}
