import type { Sight } from './sights.ts';

/** Says that a promise was broken, and how. */
export type Broken = (promise: string, what: string) => void;

/** Watches one promise, or a few that need the same memory: takes in sights in order, and says when one breaks it. */
export type Oracle = (sight: Sight, broken: Broken) => void;
