export type Environment = Readonly<Record<string, string | undefined>>;

/** Notes that a variable is not what is `allowed`. */
export type Complain = (name: string, allowed: string) => void;

export interface Mistake {
  readonly name: string;
  readonly message: string;
}

/** Every mistake in the environment at once. */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError';
  readonly mistakes: readonly Mistake[];

  constructor(mistakes: readonly Mistake[]) {
    super(mistakes.map(({ name, message }) => `${name}: ${message}`).join('\n'));
    this.mistakes = mistakes;
  }
}

const secrets = new Set([
  'API_KEY',
  'API_KEY_READ',
  // A file's name is none, but a key may have been put in its place.
  'API_KEY_FILE',
  'API_KEY_READ_FILE',
  'GLUETUN_API_KEY',
  'GLUETUN_API_PASSWORD',
]);

/** An address may hold a password, and so may one that is wrong. */
const shown = (name: string, value: string): string =>
  name === 'DOCKER_HOST' ? value.replace(/^.*@/s, '…@') : value;

/** What was given, never a secret's value, and what is allowed. */
export function complaint(name: string, value: string | undefined, allowed: string): string {
  const given =
    value === undefined || value === ''
      ? 'is not set'
      : secrets.has(name)
        ? 'has a value that is not allowed'
        : `is ${JSON.stringify(shown(name, value).slice(0, 100))}`;
  return `${given}; allowed: ${allowed}`;
}
