import { crc32 } from 'node:zlib';
import { StorageTrouble } from '../domain/storage-trouble.ts';

/** What was read is not what was written. */
export class Damaged extends Error {
  override readonly name = 'Damaged';
}

/** SQLite's own names for what can go wrong without the file being to blame. */
export const sqlite = {
  permission: 3,
  busy: 5,
  outOfMemory: 7,
  readOnly: 8,
  inputOutput: 10,
  full: 13,
  cannotOpen: 14,
} as const;

const blameless = new Set<number>(Object.values(sqlite));

/** SQLite's primary result code; null for a problem that is not SQLite's. */
export const codeOf = (problem: unknown): number | null =>
  problem instanceof Error && 'errcode' in problem && typeof problem.errcode === 'number'
    ? problem.errcode & 0xff
    : null;

/** Whether the file itself is at fault, so that another one would do better. */
export function isDamage(problem: unknown): problem is Error {
  const code = codeOf(problem);
  if (code !== null) return !blameless.has(code);
  return problem instanceof Damaged || problem instanceof SyntaxError;
}

/** Whether it is the disk's, the file's or the file system's doing. The rest are mistakes of our own. */
export const isTrouble = (problem: unknown): problem is Error =>
  isDamage(problem) || (problem instanceof Error && 'code' in problem);

/** What to throw in place of `problem`. */
export function storageTrouble(path: string, problem: unknown): unknown {
  if (!isTrouble(problem)) return problem;
  return new StorageTrouble(`The journal ${path} ${whatIsWrong(problem)}`, { cause: problem });
}

export function whatIsWrong(problem: Error): string {
  const said = problem.message;
  if ('code' in problem && problem.code === 'ERR_INVALID_STATE') return 'is closed.';
  if (isDamage(problem)) return `is damaged: ${said}.`;
  switch (codeOf(problem)) {
    case sqlite.full:
      return 'cannot be written: the disk is full. Free some space.';
    case sqlite.readOnly:
      return 'cannot be written: it, or its file system, is read-only.';
    case sqlite.inputOutput:
      return `cannot be read or written: the disk reports an error (${said}).`;
    default:
      return `cannot be used: ${said}.`;
  }
}

type Column = string | number | null;

/**
 * Goes into every row, over all its other columns: SQLite notices a page that is out of shape, but not a digit that was
 * turned into another one.
 */
export const seal = (...columns: readonly Column[]): number => crc32(columns.join('\n'));

export function verify(row: string, written: number, ...columns: readonly Column[]): void {
  if (seal(...columns) !== written) throw new Damaged(`${row} does not match its checksum`);
}
