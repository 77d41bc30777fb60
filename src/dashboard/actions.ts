import type { Clock } from '../async/clock.ts';
import type { Client } from '../client/client.ts';
import { ClientError } from '../client/error.ts';
import type { VpnHealth } from './gql/graphql.ts';
import { MayChange, Provision, ResetCircuit, Scale, Simulate, Stop } from './operations.ts';
import { done, failed, goodNewsMs, type Outcome, provisioned, refused } from './outcome.ts';
import type { Message } from './picture.ts';
import { counted } from './words.ts';

/** What can be done from the page. What comes of it is a notice, and seen where it happens. */
export interface Actions {
  provision(count: number): void;
  stop(engine: { readonly id: string; readonly name: string }): void;
  scale(to: number): void;
  resetCircuit(): void;
  simulate(vpn: string, health: VpnHealth): void;
  dismiss(notice: number): void;
}

/** How many notices there were, with whichever key. */
let notices = 0;

export function actionsOf(client: Client, tell: (message: Message) => void, clock: Clock): Actions {
  /** `act` gives null where it is seen at once what came of it. */
  const attempt = async (doing: string, act: () => Promise<Outcome | null>) => {
    const id = ++notices;
    tell({ kind: 'NOTICE', notice: { id, tone: 'busy', text: doing, details: [], until: null } });
    const outcome = await act().catch((problem: unknown) => {
      if (!(problem instanceof ClientError)) throw problem;
      if (problem.code === 'FORBIDDEN') tell({ kind: 'ROLE', mayChange: false });
      return failed(problem.code === 'UNREACHABLE' ? unanswered : problem.message);
    });
    if (outcome === null) return tell({ kind: 'DISMISS', id });
    const until = outcome.tone === 'good' ? clock.now() + goodNewsMs : null;
    tell({ kind: 'NOTICE', notice: { id, ...outcome, until } });
  };

  return {
    provision: (count) =>
      void attempt(`Starting ${counted(count, 'engine')} …`, async () => {
        const { provisionEngines } = await client.ask(Provision, { count });
        return provisioned(provisionEngines, clock.now());
      }),
    stop: ({ id, name }) =>
      void attempt(`Stopping ${name} …`, async () => {
        const { stopEngine } = await client.ask(Stop, { id });
        return stopEngine.__typename === 'Engine'
          ? done(`${name} is stopped.`)
          : refused(`${name} was not stopped.`, [stopEngine], clock.now());
      }),
    scale: (to) =>
      void attempt(`Scaling to ${counted(to, 'engine')} …`, async () => {
        const { scaleEngines } = await client.ask(Scale, { to });
        tell({ kind: 'NUMBERS', fleet: scaleEngines });
        return done(`${counted(to, 'engine')} ${to === 1 ? 'is' : 'are'} kept from now on.`);
      }),
    resetCircuit: () =>
      void attempt('Letting starts through …', async () => {
        const { resetCircuit } = await client.ask(ResetCircuit, {});
        tell({ kind: 'NUMBERS', fleet: resetCircuit });
        return done('Starts are let through again.');
      }),
    simulate: (vpn, health) =>
      void attempt(`${health === 'HEALTHY' ? 'Recovering' : 'Failing'} ${vpn} …`, async () => {
        await client.ask(Simulate, { vpn, health });
        return null;
      }),
    dismiss: (id) => tell({ kind: 'DISMISS', id }),
  };
}

/** Whether the client's key is one for changing things: so that nothing is offered which would be refused. */
export async function findRole(client: Client, tell: (message: Message) => void): Promise<void> {
  await client.ask(MayChange, {}).catch((problem: unknown) => {
    if (problem instanceof ClientError && problem.code === 'FORBIDDEN')
      tell({ kind: 'ROLE', mayChange: false });
  });
}

const unanswered =
  'The connection was lost before the answer came. What was asked for may be done all the same: it shows on this page.';
