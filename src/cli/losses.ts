import type { Shell } from './shell.ts';

/** Tells on the side when the connection is lost, and when it is back: each once. */
export function tellOfLosses({ err, signal }: Shell): (standing: boolean) => void {
  let lost = false;
  return (standing) => {
    if (signal.aborted || lost === !standing) return;
    lost = !standing;
    err.write(`tandem: ${lost ? 'the connection is lost; trying again' : 'connected again'}.\n`);
  };
}
