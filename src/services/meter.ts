import type { Clock } from '../async/clock.ts';
import type { Event } from '../domain/events.ts';
import type { Step } from '../domain/plan.ts';
import type { ProvisionRefusal } from '../domain/refusal.ts';
import type { EngineView } from '../domain/snapshot.ts';

/** What became of one engine that was wished for: it runs, or why not. The last three befall engines that nobody waits for. */
export type Provisioned =
  | EngineView
  | ProvisionRefusal
  | { readonly kind: 'running' }
  | { readonly kind: 'vpn-trouble' }
  | { readonly kind: 'port-taken' }
  | { readonly kind: 'stopped' };

/** Counts what happens. What is so is asked of the fleet instead. */
export interface Meter {
  provisioned(result: Provisioned, ms: number): void;
  stepped(kind: Step['kind']): void;
  told(event: Event): void;
}

/** Gives what `work` gives, and tells the meter of it, and how long it took. */
export async function metered<T extends Provisioned>(
  work: Promise<T>,
  { meter, clock }: { readonly meter: Meter; readonly clock: Clock },
): Promise<T> {
  const begun = clock.now();
  const result = await work;
  meter.provisioned(result, clock.now() - begun);
  return result;
}
