import type { Policy } from './policy.ts';

/** Guards Docker against an image that cannot start: it opens after failures in a row and then lets one trial through at a time. */
export type Circuit =
  | { readonly kind: 'CLOSED'; readonly failures: number }
  | { readonly kind: 'OPEN'; readonly until: number }
  | { readonly kind: 'HALF_OPEN'; readonly trial: string };

/** `neutral`: the VPN's, Docker's or the caller's doing; it says nothing about the image. */
export type StartOutcome = 'success' | 'failure' | 'neutral';

export const closedCircuit: Circuit = { kind: 'CLOSED', failures: 0 };

/** How long a start has to wait, in milliseconds; null when it may go on now. */
export function circuitWait(circuit: Circuit, now: number): number | null {
  switch (circuit.kind) {
    case 'CLOSED':
      return null;
    case 'OPEN':
      return now >= circuit.until ? null : circuit.until - now;
    case 'HALF_OPEN':
      return 1_000;
  }
}

/** The moment from which on a start is let through; never while one is on trial. */
export function circuitFreeAt(circuit: Circuit): number {
  switch (circuit.kind) {
    case 'CLOSED':
      return Number.NEGATIVE_INFINITY;
    case 'OPEN':
      return circuit.until;
    case 'HALF_OPEN':
      return Number.POSITIVE_INFINITY;
  }
}

/** A start that was let through begins. The first after the wait is the trial. */
export const circuitBegin = (circuit: Circuit, engineId: string): Circuit =>
  circuit.kind === 'OPEN' ? { kind: 'HALF_OPEN', trial: engineId } : circuit;

export function circuitEnd(
  circuit: Circuit,
  engineId: string,
  outcome: StartOutcome,
  now: number,
  policy: Policy,
): Circuit {
  switch (circuit.kind) {
    case 'CLOSED': {
      if (outcome === 'neutral') return circuit;
      if (outcome === 'success') return circuit.failures === 0 ? circuit : closedCircuit;
      const failures = circuit.failures + 1;
      return failures < policy.circuitFailureThreshold
        ? { kind: 'CLOSED', failures }
        : { kind: 'OPEN', until: now + policy.circuitRecoveryMs };
    }
    case 'OPEN':
      return circuit;
    case 'HALF_OPEN':
      // A start that began before the circuit opened is not the trial, whatever became of it.
      if (circuit.trial !== engineId) return circuit;
      if (outcome === 'success') return closedCircuit;
      return { kind: 'OPEN', until: outcome === 'failure' ? now + policy.circuitRecoveryMs : now };
  }
}

/** An open circuit whose wait is over has nothing left to wait for but its trial. */
export const circuitShown = (circuit: Circuit, now: number): Circuit['kind'] =>
  circuit.kind === 'OPEN' && now >= circuit.until ? 'HALF_OPEN' : circuit.kind;
