import assert from 'node:assert/strict';
import type { ControlState, EngineHandle, VpnHandle } from '../../src/docker/embedded/index.ts';
import { Engines, Status } from '../api/operations.ts';
import { keeping, on } from '../support/keeping.ts';
import { type LeapingWorld, minute, second } from '../support/leaping.ts';
import {
  type Fault,
  failed,
  listeningAgainMs,
  oneStartMs,
  stabilizedMs,
  toldMs,
  untilState,
} from './faults.ts';
import { allIsWell } from './wellness.ts';

/** What goes wrong where Docker has nothing to say of it: it is found by asking. */

/** Between two looks at a VPN, two questions to its control server, and two probes of an engine. */
export const roundMs = 5 * minute;

const answeredMs = roundMs + 2 * second + toldMs;
/** Three probes, each of which may take its time. */
const foundIllMs = 3 * roundMs + 5 * second + toldMs;
/** The grace period and the cooldown, one start, and the probe that finds the new one well. */
const replacedMs = minute + minute + oneStartMs + roundMs + toldMs;
const portCooldownMs = 5 * minute;
/** What is heard is weighed at the next look. */
const weighedMs = answeredMs + roundMs;
const believedMs = (times: number) => weighedMs + times * 30 * second;

export const ofSickEngine = (vpn: string, what: string, fail: (engine: EngineHandle) => unknown): Fault => ({
  what: `an engine of ${vpn} ${what}`,
  strike: async (world) => {
    const { docker, tandem, time, until, engineContainers } = world;
    const [sick] = (await tandem.ask(Engines, { filter: { vpn } })).engines;
    assert(sick, `${vpn} has no engine`);
    fail(docker.container(sick.name));
    await until('it is found ill', foundIllMs, async () => {
      const { engines } = await keeping(tandem);
      return engines.some(({ id, health }) => id === sick.id && health === 'UNHEALTHY');
    });
    await time.until('another one has taken its place', replacedMs, () => {
      const { length } = engineContainers();
      assert(length === 10 || length === 11, `${length} engines`);
      return engineContainers().every(({ name }) => name !== sick.name);
    });
  },
  mendedMs: toldMs,
});

export const portChanges = (vpn: string, port: number): Fault => ({
  what: `${vpn} forwards another port`,
  strike: async (world) => {
    world.docker.vpn(vpn).setControl({ ports: [port] });
    await untilOwned(world, vpn, port, answeredMs + oneStartMs);
  },
  // The one before goes when the new one is found well.
  mendedMs: roundMs + toldMs,
});

export const portIsAway = (vpn: string): Fault => ({
  what: `${vpn} forwards no port for ten minutes, and then the same again`,
  strike: async (world) => {
    const { docker, tandem, time, engineContainers } = world;
    const { ports } = docker.vpn(vpn).control;
    const [port] = ports;
    assert(port, `${vpn} forwards none`);
    const before = engineContainers();
    docker.vpn(vpn).setControl({ ports: [] });
    await untilPort(world, vpn, null);
    await time.pass(10 * minute);
    const { engines } = await keeping(tandem);
    assert(on(vpn, engines).every(({ forwarded }) => !forwarded));
    docker.vpn(vpn).setControl({ ports });
    await untilOwned(world, vpn, port, answeredMs);
    assert.deepEqual(engineContainers(), before, 'an engine had to go for that');
  },
  mendedMs: 0,
});

export const portAppears = (vpn: string, port: number): Fault => ({
  what: `${vpn} forwards no port while the engine that had it crashes, and another one ten minutes later`,
  strike: async (world) => {
    const { docker, tandem, time } = world;
    const owner = on(vpn, (await keeping(tandem)).engines).find(({ forwarded }) => forwarded);
    assert(owner, `nobody has the port of ${vpn}`);
    docker.vpn(vpn).setControl({ ports: [] });
    await untilPort(world, vpn, null);
    await docker.container(owner.name).crash();
    await time.pass(10 * minute);
    assert(await allIsWell(world), 'there is no other engine');
    docker.vpn(vpn).setControl({ ports: [port] });
    await untilOwned(world, vpn, port, answeredMs + portCooldownMs + oneStartMs);
  },
  mendedMs: roundMs + toldMs,
});

/** How a control server troubles who asks it. */
interface Trouble {
  readonly what: string;
  readonly change: Partial<ControlState>;
  readonly told: RegExp;
}

export const denial: Trouble = { what: 'answers 401', change: { auth: { kind: 'deny' } }, told: /401/ };
export const nonsense: Trouble = { what: 'answers nonsense', change: { nonsense: true }, told: /nonsense/ };
export const silence: Trouble = {
  what: 'never answers',
  change: { hang: true },
  told: /no answer in time/,
};

/** What a control server does not say changes nothing. */
export const withControl = (vpn: string, { what, change, told }: Trouble, fault: Fault): Fault => ({
  what: `the control server of ${vpn} ${what} for ten minutes, and ${fault.what}`,
  strike: async (world) => {
    const { docker, time } = world;
    const before = docker.vpn(vpn).control;
    docker.vpn(vpn).setControl(change);
    await untilProblem(world, vpn, (problem) => told.test(problem ?? ''));
    await fault.strike(world);
    await time.until('all is mended', fault.mendedMs, () => allIsWell(world));
    await time.pass(10 * minute);
    assert(await allIsWell(world), 'it did not last');
    docker.vpn(vpn).setControl(before);
    await untilProblem(world, vpn, (problem) => problem === null);
  },
  mendedMs: 0,
});

/** How a VPN goes down, and up again, without Docker noticing. */
interface Decline {
  readonly what: string;
  readonly fail: (vpn: VpnHandle, engines: readonly EngineHandle[]) => void;
  readonly heal: (vpn: VpnHandle) => void;
}

export const crash: Decline = {
  what: "is crashed in its control server's words",
  fail: (vpn) => vpn.setControl({ status: 'crashed' }),
  heal: (vpn) => vpn.setControl({ status: 'running' }),
};

/** Ends with a tunnel that has another address. */
export const cutOff = (ip: string): Decline => ({
  what: 'has no engine that is connected',
  fail: (_, engines) => {
    for (const engine of engines) engine.netdown();
  },
  heal: (vpn) => vpn.setControl({ ip }),
});

/** Believed after so many times VPN_SILENT_FAILURE_S. */
export const unseen = (vpn: string, { what, fail, heal }: Decline, times = 1): Fault => ({
  what: `Docker calls ${vpn} healthy while it ${what} for ten minutes`,
  strike: async (world) => {
    const { docker, tandem, time } = world;
    const { engines } = await tandem.ask(Engines, { filter: { vpn } });
    fail(
      docker.vpn(vpn),
      engines.map(({ name }) => docker.container(name)),
    );
    await failed(world, vpn, believedMs(times));
    await time.pass(10 * minute);
    await untilState(world, vpn, 'FAILED', 0);
    heal(docker.vpn(vpn));
    await untilState(world, vpn, 'STABILIZING', weighedMs);
  },
  mendedMs: stabilizedMs(5),
  turns: ['ENTERED', 'EXITED'],
});

/** What could not be started for want of Docker says nothing about the VPNs. */
export const withoutDockerAfterACrash = (crashes: string, restarts: string): Fault => ({
  what: `an engine of ${crashes} crashes, Docker is gone for two minutes then, and ${restarts} is restarted meanwhile`,
  strike: async ({ docker, tandem, time }) => {
    const [engine] = (await tandem.ask(Engines, { filter: { vpn: crashes } })).engines;
    assert(engine, `${crashes} has no engine`);
    await docker.container(engine.name).crash();
    // It is known, and there was no time for another one.
    await time.pass(0);
    await docker.goDown();
    await time.pass(minute);
    await docker.vpn(restarts).restart();
    await time.pass(minute);
    await docker.comeBack();
    await time.pass(listeningAgainMs);
  },
  mendedMs: stabilizedMs(6),
  turns: ['ENTERED', 'EXITED'],
});

function untilOwned({ tandem, until }: LeapingWorld, vpn: string, port: number, withinMs: number) {
  return until(`an engine of ${vpn} has port ${port}`, withinMs, async () => {
    const { engines } = await keeping(tandem);
    const owners = on(vpn, engines).filter(({ forwarded }) => forwarded);
    assert(owners.length <= 1, `${owners.length} engines have it`);
    return owners.some(({ p2pPort, state }) => p2pPort === port && state === 'RUNNING');
  });
}

function untilPort({ tandem, until }: LeapingWorld, vpn: string, port: number | null) {
  return until(`${vpn} forwards ${port}`, answeredMs, async () => {
    const { vpns } = (await tandem.ask(Status)).vpnStatus;
    return vpns.some(({ name, forwardedPort }) => name === vpn && forwardedPort === port);
  });
}

function untilProblem(
  { tandem, until }: LeapingWorld,
  vpn: string,
  wanted: (problem: string | null) => boolean,
) {
  return until(`what the control server of ${vpn} does is told`, answeredMs, async () => {
    const { vpns } = (await tandem.ask(Status)).vpnStatus;
    return vpns.some(({ name, controlProblem }) => name === vpn && wanted(controlProblem ?? null));
  });
}
