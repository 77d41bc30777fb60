import { plan, type Step } from '../../src/domain/plan.ts';
import type { Site, Snapshot } from '../../src/domain/snapshot.ts';
import type { Vpn, VpnState } from '../../src/domain/vpn.ts';
import {
  anEngine,
  aProvisioningEngine,
  aSite,
  aStoppingEngine,
  aVpn,
  range,
  ready,
  unwell,
} from './build.ts';

/** What is planned for a fleet, and short words for what a fleet is like. */

export const nobody: ReadonlySet<string | null> = new Set();

export const stepsOf = (snapshot: Snapshot, held = nobody, avoided = nobody): readonly Step[] =>
  plan({ snapshot, held, avoided, orphans: [] }).steps;

export const nextOf = (snapshot: Snapshot): number =>
  plan({ snapshot, held: nobody, avoided: nobody, orphans: [] }).next;

export const never = Number.POSITIVE_INFINITY;

export interface Wanted {
  readonly state?: VpnState;
  readonly running?: number;
  readonly unhealthy?: number;
  readonly making?: number;
  readonly stopping?: number;
  readonly free?: number;
  readonly vpn?: Partial<Vpn>;
}

export const enginesOf = (
  name: string | null,
  { running = 0, unhealthy = 0, making = 0, stopping = 0 }: Wanted,
) => ({
  running: [
    ...range(1, running).map((number) => anEngine(number, name)),
    ...range(101, 100 + unhealthy).map((number) => anEngine(number, name, { health: unwell })),
  ],
  provisioning: range(201, 200 + making).map((number) => aProvisioningEngine(number, name)),
  stopping: range(301, 300 + stopping).map((number) => aStoppingEngine(number, name)),
});

export const site = (name: string, wanted: Wanted = {}): Site =>
  aSite(aVpn(name, wanted.state ?? ready, wanted.vpn), {
    ...enginesOf(name, wanted),
    ports: { first: 19_000, last: 19_999, free: wanted.free ?? 100 },
  });

export const startedOn = (steps: readonly Step[]): (string | null)[] =>
  steps.flatMap((step) => (step.kind === 'START' ? [step.vpn] : []));

export const ten = { minReplicas: 10 };
