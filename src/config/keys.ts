import { readFileSync } from 'node:fs';
import type { Keys } from '../domain/keys.ts';
import { type Complain, ConfigurationError, complaint, type Environment, type Mistake } from './mistakes.ts';

const names = ['API_KEY', 'API_KEY_READ'] as const;
type Name = (typeof names)[number];

/** What can stand in an HTTP header. */
const key = /^[\x21-\x7e]{8,}$/;
const allowed = 'at least 8 printable ASCII characters without spaces';

/** API_KEY and API_KEY_READ, or what is in the files that API_KEY_FILE and API_KEY_READ_FILE name. */
export function readKeys(env: Environment, complain: Complain): Keys {
  const [all, read] = names.map((name) => readKey(name, env, complain));
  const isNamed = (name: Name) => Boolean(env[name] || env[`${name}_FILE`]);
  if (isNamed('API_KEY_READ') && !isNamed('API_KEY'))
    complain('API_KEY', 'a key for everything, where there is one for reading: without it nobody is asked');
  if (all && all === read) complain('API_KEY_READ', 'another key than API_KEY');
  return { all: all ?? null, read: read ?? null };
}

/**
 * The keys alone, for a service that runs.
 * @throws {ConfigurationError} with every mistake in them.
 */
export function readKeysAgain(env: Environment): Keys {
  const mistakes: Mistake[] = [];
  const keys = readKeys(env, (name, what) =>
    mistakes.push({ name, message: complaint(name, env[name], what) }),
  );
  if (mistakes.length > 0) throw new ConfigurationError(mistakes);
  return keys;
}

function readKey(name: Name, env: Environment, complain: Complain): string | null {
  const file = env[`${name}_FILE`];
  if (file && env[name]) complain(`${name}_FILE`, `a file with the key, or ${name} itself, but not both`);
  if (!file) return checked(env[name], name, allowed, complain);
  try {
    // Editors and "echo" end a file with a line break.
    return checked(readFileSync(file, 'utf8').trim(), `${name}_FILE`, `a file with ${allowed}`, complain);
  } catch (problem) {
    complain(`${name}_FILE`, `a file that can be read (${(problem as NodeJS.ErrnoException).code})`);
    return null;
  }
}

function checked(text: string | undefined, name: string, what: string, complain: Complain): string | null {
  if (text !== undefined && key.test(text)) return text;
  if (text !== undefined && (text !== '' || name.endsWith('_FILE'))) complain(name, what);
  return null;
}
