import { accessSync, constants, existsSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { Settings } from '../../config.ts';
import { type Finding, failure, ok } from './finding.ts';

/** Whether the journal can be written: in its folder, or in the nearest one above in which that can be made. */
export function lookAtFolder({ dataDir }: Settings): Finding {
  const folder = resolve(dataDir ?? '.');
  let there = folder;
  while (!existsSync(there) && dirname(there) !== there) there = dirname(there);
  const about = 'Journal';
  const advice = `have DATA_DIR name a folder that this user may write`;
  if (!statSync(there).isDirectory())
    return failure(about, `${there} is no folder, so ${folder} is none`, advice);
  try {
    accessSync(there, constants.W_OK | constants.X_OK);
  } catch (problem) {
    const { code } = problem as NodeJS.ErrnoException;
    return failure(about, `${there} cannot be written (${code})`, advice);
  }
  return ok(about, there === folder ? `${folder} can be written` : `${folder} can be made`);
}
