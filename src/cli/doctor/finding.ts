/** What one look has found. */
export interface Finding {
  /** What was looked at. */
  readonly about: string;
  readonly verdict: 'OK' | 'WARNING' | 'FAILURE';
  readonly found: string;
  /** What to do about it; null where there is nothing to do. */
  readonly advice: string | null;
}

export const ok = (about: string, found: string): Finding => ({ about, verdict: 'OK', found, advice: null });

/** Tandem works all the same, but perhaps not as it is meant to. */
export const warning = (about: string, found: string, advice: string): Finding => ({
  about,
  verdict: 'WARNING',
  found,
  advice,
});

export const failure = (about: string, found: string, advice: string): Finding => ({
  about,
  verdict: 'FAILURE',
  found,
  advice,
});
