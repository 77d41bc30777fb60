import assert from 'node:assert/strict';
import type { EngineHandle, VpnHandle } from '../../src/docker/embedded/index.ts';
import { Engines, Status } from '../api/operations.ts';
import { type LeapingWorld, minute, second } from '../support/leaping.ts';

/** Something that goes wrong in a world of two VPNs with five engines each, and what is promised of it. */
export interface Fault {
  readonly what: string;
  /** Lets it happen, and end where it does not end by itself. */
  readonly strike: (world: LeapingWorld) => Promise<unknown>;
  /** All is as it was so many milliseconds after `strike` at the latest. */
  readonly mendedMs: number;
  /** What is told of the emergency that it is. */
  readonly turns?: readonly ('ENTERED' | 'UPDATED' | 'EXITED')[];
}

/** How a VPN goes down, and up again. */
export interface Downfall {
  readonly what: string;
  readonly fail: (vpn: VpnHandle) => unknown;
  readonly heal: (vpn: VpnHandle) => unknown;
}

export const sickness: Downfall = { what: 'unhealthy', fail: (vpn) => vpn.fail(), heal: (vpn) => vpn.heal() };
export const death: Downfall = { what: 'dead', fail: (vpn) => vpn.kill(), heal: (vpn) => vpn.start() };
export const pause: Downfall = { what: 'paused', fail: (vpn) => vpn.pause(), heal: (vpn) => vpn.unpause() };

/** Between two looks where nothing stirs. */
export const beatMs = 10 * minute;

export const toldMs = 80;
export const oneStartMs = second;
export const listeningAgainMs = second + toldMs;
/** A question that hangs, and the pause before the next one. */
const givenUpMs = 8 * second + second;
export const stabilizedMs = (missing: number) => 2 * minute + (missing / 15) * second;
const removedMs = (condemned: number) => 0.5 * second + (condemned / 25) * second;

export const ofEngine = (vpn: string, what: string, fail: (engine: EngineHandle) => unknown): Fault => ({
  what: `an engine of ${vpn} ${what}`,
  strike: async ({ tandem, docker }) => {
    const [engine] = (await tandem.ask(Engines, { filter: { vpn } })).engines;
    assert(engine, `${vpn} has no engine`);
    return fail(docker.container(engine.name));
  },
  mendedMs: oneStartMs,
});

/** A VPN that is up again at once, but has lost its engines with that. */
export const ofMoment = (vpn: string, what: string, fail: (vpn: VpnHandle) => unknown): Fault => ({
  what: `${vpn} ${what}`,
  strike: async ({ docker }) => fail(docker.vpn(vpn)),
  mendedMs: stabilizedMs(5),
  turns: ['ENTERED', 'EXITED'],
});

export const ofVpn = (vpn: string, { what, fail, heal }: Downfall): Fault => ({
  what: `${vpn} is ${what} for ten minutes`,
  strike: async (world) => {
    await fail(world.docker.vpn(vpn));
    await failed(world, vpn, toldMs);
    await world.time.pass(10 * minute);
    await heal(world.docker.vpn(vpn));
  },
  mendedMs: stabilizedMs(5),
  turns: ['ENTERED', 'EXITED'],
});

/** The engines of the VPN that fails last outlive that where their network does: `missing` are the others. */
export const ofBoth = ({ what, fail, heal }: Downfall, missing: number): Fault => ({
  what: `both VPNs are ${what} for ten minutes`,
  strike: async ({ docker, vpns, time, tandem, until }) => {
    for (const vpn of vpns) await fail(docker.vpn(vpn));
    const offered = async () => (await tandem.ask(Engines)).engines.length;
    await until('no engine is offered', toldMs, async () => (await offered()) === 0);
    await time.pass(10 * minute);
    for (const vpn of vpns) await heal(docker.vpn(vpn));
  },
  mendedMs: stabilizedMs(missing),
  turns: ['ENTERED', 'UPDATED', 'UPDATED', 'EXITED'],
});

/** What nobody is told of is found on the beat. */
export const unheard = {
  engine: (fault: Fault): Fault => ({
    ...fault,
    what: `Docker's events keep silent, and ${fault.what}`,
    strike: async (world) => {
      const { docker, time, engineContainers } = world;
      docker.events.silence();
      await fault.strike(world);
      const running = () => engineContainers().filter(({ state }) => state === 'running').length;
      await time.until('there is another one', beatMs + oneStartMs, () => running() === 10);
      docker.events.speak();
    },
  }),
  vpn: (vpn: string, { what, fail, heal }: Downfall): Fault => ({
    what: `Docker's events keep silent, and ${vpn} is ${what}`,
    strike: async (world) => {
      world.docker.events.silence();
      await fail(world.docker.vpn(vpn));
      await failed(world, vpn, beatMs + toldMs);
      await heal(world.docker.vpn(vpn));
      await untilState(world, vpn, 'STABILIZING', beatMs + toldMs);
      world.docker.events.speak();
    },
    mendedMs: stabilizedMs(5),
    turns: ['ENTERED', 'EXITED'],
  }),
};

/** What happens before there is a new stream of events counts from then. */
export const betweenStreams = (fault: Fault): Fault => ({
  ...fault,
  what: `Docker's events break off, and ${fault.what}`,
  strike: async (world) => {
    world.docker.events.cut();
    await fault.strike(world);
    await world.time.pass(listeningAgainMs);
  },
});

/** The daemon is gone for five minutes: what happens meanwhile counts from when it is listened to again. */
export const withoutDocker = (fault: Fault): Fault => ({
  ...fault,
  what: `Docker is gone for five minutes, and ${fault.what}`,
  strike: async (world) => {
    const { docker, time } = world;
    await docker.goDown();
    await time.pass(2 * minute);
    await fault.strike(world);
    await time.pass(3 * minute);
    await docker.comeBack();
    await time.pass(listeningAgainMs);
  },
});

/** The daemon hears and answers nothing for five minutes: what happens meanwhile counts from when it is asked again. */
export const withMuteDocker = (fault: Fault): Fault => ({
  ...fault,
  what: `Docker answers nothing for five minutes, and ${fault.what}`,
  strike: async (world) => {
    const { docker, time } = world;
    const path = /^\/containers\//;
    docker.faults.next({ path, times: Number.POSITIVE_INFINITY, fault: { kind: 'hang', when: 'before' } });
    await time.pass(2 * minute);
    await fault.strike(world);
    await time.pass(3 * minute);
    docker.faults.clear();
    await time.pass(givenUpMs);
  },
});

export const nothingElse: Fault = { what: 'that is all', strike: async () => {}, mendedMs: 0 };

export function untilState({ tandem, until }: LeapingWorld, vpn: string, state: string, withinMs: number) {
  return until(`${vpn} is ${state}`, withinMs, async () => {
    const { vpns } = (await tandem.ask(Status)).vpnStatus;
    return vpns.some((each) => each.name === vpn && each.state === state);
  });
}

/** Waits until a VPN is FAILED, which hides its engines, and until they are gone. */
export async function failed(world: LeapingWorld, vpn: string, withinMs: number): Promise<void> {
  await untilState(world, vpn, 'FAILED', withinMs);
  const { engines } = await world.tandem.ask(Engines);
  assert(engines.length === 5 && engines.every((engine) => engine.vpn?.name !== vpn), `${vpn} still offers`);
  await world.time.until('they are gone', removedMs(5), () => world.engineContainers().length === 5);
}
