import { z } from 'zod';
import type { Services } from '../context.ts';
import { wanted } from '../domain/capacity.ts';
import { type Answer, misfit, ok } from './answer.ts';
import { deleted, engineState, oneEngine, refTo } from './engines.ts';
import { eventsInput, newestEvents } from './events.ts';
import { provisioned, provisionInput } from './provision.ts';
import { closed, healthStatus, orchestratorStatus } from './status.ts';
import { publicIp, vpnStatus } from './vpns.ts';
import { whole } from './whole.ts';

/** A request, as far as a path may ask of it. */
export interface Asked {
  readonly path: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, string>>;
  /** undefined where there is none. */
  readonly body: unknown;
}

export interface Route {
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** Has the parts of a path that stand in braces as groups. */
  readonly path: RegExp;
  readonly answer: (asked: Asked, services: Services) => Promise<Answer>;
}

/** What is asked is checked by `input` first; `answer` asks a service for what it finds. */
const route = <I extends z.ZodType>(
  method: Route['method'],
  path: string,
  input: I,
  answer: (asked: z.output<I>, services: Services) => Answer | Promise<Answer>,
): Route => ({
  method,
  path: new RegExp(`^${path.replace(/\{(\w+)\}/g, '(?<$1>[^/]+)')}$`),
  async answer(asked, services) {
    const read = input.safeParse(asked);
    return read.success ? answer(read.data, services) : misfit(read.error);
  },
});

const offered = ({ reader, fleet }: Services) =>
  reader
    .engines({ states: ['RUNNING'] })
    .map((view) => engineState(view, fleet.roster.probedAt(view.engine.id)));

const nothing = z.object({});
const byId = z.object({ path: z.object({ id: z.string() }) });
const scaling = z.object({ path: z.object({ demand: whole(-999_999_999) }) });

/** The paths of the original that proxies and scripts use, in its shapes, over the services that GraphQL asks. */
export const routes: readonly Route[] = [
  route('POST', '/provision/acestream', provisionInput, async ({ body }, { provisioner }) =>
    provisioned(await provisioner.provisionEngine(body)),
  ),
  route('GET', '/engines', nothing, (_asked, services) => ok(offered(services))),
  route('GET', '/engines/{id}', byId, ({ path: { id } }, services) => oneEngine(id, offered(services))),
  route('DELETE', '/containers/{id}', byId, async ({ path: { id } }, { provisioner }) =>
    deleted(id, await provisioner.stopEngine(refTo(id))),
  ),
  // The original takes any number, and keeps to its bounds.
  route('POST', '/scale/{demand}', scaling, ({ path: { demand: scaledTo } }, { autoscaler, fleet }) =>
    ok({ scaled_to: wanted(autoscaler.scaleEngines(wanted({ ...fleet.snapshot(), scaledTo }))) }),
  ),
  // Engines that are idle are kept.
  route('POST', '/gc', nothing, () => ok({ status: 'ok' })),
  // Proxies count the streams of an engine before they use it; Tandem knows of none.
  route('GET', '/streams', nothing, () => ok([])),
  route('GET', '/events', eventsInput, async ({ query }, { reader }) =>
    ok(await newestEvents(reader, query)),
  ),
  route('GET', '/vpn/status', nothing, (_asked, { emergency }) => ok(vpnStatus(emergency.status()))),
  route('GET', '/vpn/publicip', nothing, (_asked, { emergency }) => publicIp(emergency.status())),
  route('GET', '/health/status', nothing, (_asked, { fleet }) => ok(healthStatus(fleet.snapshot()))),
  route('POST', '/health/circuit-breaker/reset', nothing, (_asked, { provisioner }) =>
    ok(closed(provisioner.resetCircuit())),
  ),
  route('GET', '/orchestrator/status', nothing, (_asked, { fleet, events }) =>
    ok(orchestratorStatus(fleet.snapshot(), fleet.phase, events.trouble)),
  ),
];
