import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Circuit } from '../../src/domain/circuit.ts';
import { stopping } from '../../src/domain/engine.ts';
import type { Change, Event } from '../../src/domain/events.ts';
import { PlainError } from '../../src/domain/plain-error.ts';
import {
  dockerUnavailable,
  invalid,
  type ProvisionRefusal,
  type StopRefusal,
  startFailed,
  unavailable,
} from '../../src/domain/refusal.ts';
import type { EngineView } from '../../src/domain/snapshot.ts';
import { deleted, engineState, refTo } from '../../src/rest/engines.ts';
import { eventRow, newestEvents } from '../../src/rest/events.ts';
import { provisioned } from '../../src/rest/provision.ts';
import { detailOf, statusOf } from '../../src/rest/refusals.ts';
import { healthStatus, orchestratorStatus } from '../../src/rest/status.ts';
import { vpnStatus } from '../../src/rest/vpns.ts';
import { Reader } from '../../src/services/reader.ts';
import {
  aMoment,
  anEngine,
  aProvisioningEngine,
  aSite,
  aSnapshot,
  aVpn,
  aWorld,
  failed,
  now,
  seconds,
  stabilizing,
  theHost,
  unknown,
  unwell,
} from '../support/build.ts';
import { engineShape, eventShape, healthShape, statusShape } from '../support/rest.ts';

const nowAsText = '2030-01-01T00:00:00.000Z';
const red = aSite(aVpn('red'));
const blue = aSite(aVpn('blue'));
const said = { message: 'why', retryable: true, retryAfterSeconds: null };
const snapshot = aSnapshot([red, blue]);

describe('each reason to start no engine', () => {
  const rulings: [ProvisionRefusal, number, code: string, canRetry: boolean, shouldWait: boolean][] = [
    [{ ...said, kind: 'NoHealthyVpnError', vpns: [] }, 503, 'vpn_disconnected', true, true],
    [{ ...said, kind: 'VpnStabilizingError', vpns: [] }, 503, 'vpn_disconnected', true, true],
    [{ ...said, kind: 'CircuitOpenError' }, 503, 'circuit_breaker', false, true],
    [{ ...said, kind: 'CapacityReachedError', maxReplicas: 1 }, 503, 'max_capacity', false, true],
    [{ ...said, kind: 'NoFreePortError', vpn: { snapshot, site: red } }, 503, 'max_capacity', false, true],
    [{ ...said, kind: 'OverloadedError' }, 503, 'general_error', true, true],
    [unavailable('RECOVERING', 'why'), 503, 'general_error', true, true],
    [dockerUnavailable('why'), 503, 'general_error', true, true],
    [startFailed('START', 'why'), 500, 'general_error', false, false],
  ];
  for (const [refusal, status, code, canRetry, shouldWait] of rulings)
    test(`${refusal.kind} is ${status} and ${code}`, () => {
      assert.equal(statusOf(refusal), status);
      const error = status === 500 ? 'provisioning_failed' : 'provisioning_blocked';
      const { recovery_eta_seconds, ...others } = detailOf(refusal);
      assert.deepEqual(others, {
        error,
        code,
        message: 'why',
        can_retry: canRetry,
        should_wait: shouldWait,
      });
      assert.equal(recovery_eta_seconds, refusal.retryAfterSeconds);
      assert.equal(provisioned(refusal).status, status);
    });

  test('a part of a second is a whole one, so that nobody comes too early', () => {
    const refusal: ProvisionRefusal = { ...said, kind: 'CircuitOpenError', retryAfterSeconds: 2.1 };
    assert.equal(detailOf(refusal).recovery_eta_seconds, 3);
    assert.equal(provisioned(refusal).retryAfterSeconds, 3);
  });

  test('input that breaks a rule is told as FastAPI does', () => {
    assert.deepEqual(provisioned(invalid('env[0]', 'why')), {
      status: 422,
      body: { detail: [{ type: 'value_error', loc: ['body', 'env[0]'], msg: 'why' }] },
    });
  });
});

describe('an engine', () => {
  test('has what Tandem knows of it, and null for what it does not', () => {
    const engine = anEngine(1, 'red', {
      containerId: 'c'.repeat(64),
      labels: [{ key: 'stream_id', value: 'ch-42' }],
      health: unwell,
      startedAt: now - seconds(60),
    });
    const state = engineState({ snapshot, engine }, now - seconds(1));
    assert.deepEqual(engineShape.parse(JSON.parse(JSON.stringify(state))), state);
    assert.deepEqual(
      [state.port, state.health_status, state.vpn_container, state.first_seen, state.last_seen],
      [19_001, 'unhealthy', 'red', '2029-12-31T23:59:00.000Z', '2029-12-31T23:59:59.000Z'],
    );
  });

  test('that nobody has asked yet was seen last when it started', () => {
    const state = engineState({ snapshot, engine: anEngine(1, null) }, null);
    assert.deepEqual(
      [state.last_health_check, state.last_seen, state.vpn_container],
      [null, nowAsText, null],
    );
  });

  test('is meant by its id where that is what 64 hexadecimal digits are, else by its name', () => {
    const id = '0123456789abcdef'.repeat(4);
    assert.deepEqual(refTo(id), { containerId: id });
    for (const name of ['acestream-1', id.slice(1), `${id}0`, id.toUpperCase()])
      assert.deepEqual(refTo(name), { name });
  });
});

describe('an engine that is to go', () => {
  const gone = { snapshot, engine: anEngine(1, 'red') };
  const answers: [EngineView | StopRefusal, number, unknown][] = [
    [gone, 200, { deleted: 'acestream-1' }],
    [{ ...said, kind: 'EngineNotFoundError' }, 404, { detail: 'why' }],
    [dockerUnavailable('why'), 503, { detail: 'why' }],
    [unavailable('RECOVERING', 'why'), 503, { detail: 'why' }],
    [
      invalid('engine.name', 'why'),
      422,
      { detail: [{ type: 'value_error', loc: ['path', 'id'], msg: 'why' }] },
    ],
  ];
  for (const [result, status, body] of answers)
    test(`${'kind' in result ? result.kind : 'one that has gone'} is ${status}`, () => {
      assert.deepEqual(deleted('acestream-1', result), { status, body });
    });
});

describe('VPNs', () => {
  test('a third one is vpn3', () => {
    const status = vpnStatus(aSnapshot([red, blue, aSite(aVpn('green'))]));
    assert.equal((status as { vpn3?: { container: string } }).vpn3?.container, 'green');
  });

  test('one that is stabilizing is healthy and connected, as it was in the original', () => {
    const { vpn1 } = vpnStatus(aSnapshot([aSite(aVpn('red', stabilizing())), blue]));
    assert.deepEqual([vpn1?.health, vpn1?.connected], ['healthy', true]);
  });

  test('an emergency lasts from the first failure to now', () => {
    const status = vpnStatus({ ...aMoment([red, aSite(aVpn('blue', failed))]), at: now + 1_500 });
    assert.deepEqual(status.emergency_mode, {
      active: true,
      failed_vpn: 'blue',
      healthy_vpn: 'red',
      duration_seconds: 1.5,
      entered_at: nowAsText,
    });
  });
});

describe('the status', () => {
  const running = { running: [anEngine(1, 'red'), anEngine(2, 'red', { health: unwell })] };
  const at = (changes: Parameters<typeof aSnapshot>[1], red = aSite(aVpn('red'), running)) =>
    statusShape.parse(orchestratorStatus(aSnapshot([red, blue], changes), 'SERVING', null));

  test('counts those that are well and those that are ill', () => {
    assert.deepEqual(at({}).engines, { total: 2, running: 2, healthy: 1, unhealthy: 1 });
    assert.equal(at({}).status, 'healthy');
  });

  const open: Circuit = { kind: 'OPEN', until: now + seconds(300) };
  const circuits: [Circuit, state: string, failures: number, openedAt: string | null][] = [
    [{ kind: 'CLOSED', failures: 2 }, 'closed', 2, null],
    [open, 'open', 5, nowAsText],
    [{ kind: 'OPEN', until: now }, 'half_open', 5, '2029-12-31T23:55:00.000Z'],
    [{ kind: 'HALF_OPEN', trial: 'engine-1' }, 'half_open', 5, null],
  ];
  for (const [circuit, state, failures, openedAt] of circuits)
    test(`a circuit that is ${JSON.stringify(circuit)} is ${state}`, () => {
      const { general } = healthShape.parse(
        healthStatus(aSnapshot([red, blue], { circuit })),
      ).circuit_breakers;
      assert.deepEqual(
        [general.state, general.failure_count, general.last_failure_time],
        [state, failures, openedAt],
      );
    });

  test('an open circuit makes it degraded', () => {
    const { status, provisioning } = at({ circuit: open });
    assert.equal(status, 'degraded');
    assert.equal(provisioning.blocked_reason_details?.recovery_eta_seconds, 300);
  });

  test('VPNs that are all down make it degraded while an engine still runs, and unavailable after', () => {
    const down = [aSite(aVpn('red', failed), running), aSite(aVpn('blue', failed))];
    assert.equal(orchestratorStatus(aMoment(down), 'SERVING', null).status, 'degraded');
    assert.equal(orchestratorStatus(aMoment(down.slice(1)), 'SERVING', null).status, 'unavailable');
  });

  test('engines that make way for another are marked', () => {
    const replaces = { id: 'engine-2', because: 'UNHEALTHY' } as const;
    const provisioning = [aProvisioningEngine(3, 'red', { replaces }), aProvisioningEngine(4, 'red')];
    const status = healthStatus(aSnapshot([aSite(aVpn('red'), { ...running, provisioning }), blue]));
    assert.equal(status.marked_for_replacement, 1);
  });
});

describe('an event', () => {
  const engine = anEngine(1, 'red');
  const made = (change: Change, changes: Parameters<typeof aSnapshot>[1] = {}, vpn = aVpn('red')): Event => ({
    ...change,
    position: 7,
    id: '000000000007-abcdef01',
    at: now,
    message: 'what happened',
    snapshot: aSnapshot([aSite(vpn), blue], changes),
  });
  const engineChanged = (change: Extract<Change, { type: 'ENGINE_CHANGED' }>['change']): Event =>
    made({ type: 'ENGINE_CHANGED', change, reason: null, engine });
  const vpnChanged = (vpn: ReturnType<typeof aVpn>): Event =>
    made({ type: 'VPN_CHANGED', vpn: 'red' }, {}, vpn);
  const turned = (change: 'ENTERED' | 'UPDATED' | 'EXITED'): Event =>
    made({
      type: 'EMERGENCY_MODE_CHANGED',
      change,
      episodeId: 'episode',
      episodeMs: 0,
      vpn: 'red',
      removedEngines: [stopping(engine, null)],
    });
  const circuit = (circuit: Circuit): Event => made({ type: 'CIRCUIT_CHANGED' }, { circuit });

  const kinds: [Event, type: string, category: string][] = [
    [made({ type: 'ENGINE_ASSIGNED', engine: aProvisioningEngine(1, 'red') }), 'engine', 'assigned'],
    [engineChanged('STARTED'), 'engine', 'created'],
    [engineChanged('ADOPTED'), 'engine', 'adopted'],
    [engineChanged('FAILED'), 'engine', 'failed'],
    [engineChanged('STOPPED'), 'engine', 'stopped'],
    [engineChanged('REMOVED'), 'engine', 'deleted'],
    [engineChanged('HEALTHY'), 'health', 'recovered'],
    [engineChanged('UNHEALTHY'), 'health', 'failed'],
    [vpnChanged(aVpn('red')), 'vpn', 'connected'],
    [vpnChanged(aVpn('red', failed)), 'vpn', 'disconnected'],
    [vpnChanged(aVpn('red', stabilizing())), 'vpn', 'recovered'],
    [vpnChanged(aVpn('red', unknown)), 'vpn', 'unknown'],
    [turned('ENTERED'), 'system', 'emergency_entered'],
    [turned('UPDATED'), 'system', 'emergency_updated'],
    [turned('EXITED'), 'system', 'emergency_exited'],
    [made({ type: 'SCALING' }), 'system', 'scaling'],
    [circuit({ kind: 'CLOSED', failures: 0 }), 'health', 'recovered'],
    [circuit({ kind: 'OPEN', until: now }), 'health', 'failed'],
    [circuit({ kind: 'HALF_OPEN', trial: 'engine-1' }), 'health', 'trial'],
  ];
  for (const [event, type, category] of kinds)
    test(`${event.type}, ${category}, is of the type ${type}`, () => {
      const row = eventRow(event);
      assert.deepEqual(eventShape.parse(row), row);
      assert.deepEqual([row.id, row.timestamp, row.event_type, row.category], [7, nowAsText, type, category]);
    });

  test('names the container of an engine that has one', () => {
    assert.equal(eventRow(engineChanged('STARTED')).container_id, 'container-1');
    assert.equal(eventRow(turned('ENTERED')).container_id, null);
  });

  test('in mode disabled tells of no VPN', () => {
    const row = eventRow({ ...engineChanged('STARTED'), engine: anEngine(1, null) } as Event);
    assert.equal(row.details.vpn, null);
    assert.equal(vpnStatus(aSnapshot([theHost()])).mode, 'disabled');
  });
});

describe('events', () => {
  const { fleet, events } = aWorld({ tail: 1_000 });
  for (let n = 0; n < 350; n++)
    fleet.record([[{ type: n % 50 === 0 ? 'CIRCUIT_CHANGED' : 'SCALING' }, `change ${n}`]]);
  const reader = new Reader(fleet, events);
  const all = { limit: 1_000, offset: 0 };

  test('are read page by page, back to the first one', async () => {
    const rows = await newestEvents(reader, all);
    assert.deepEqual(
      rows.map(({ id }) => id),
      Array.from({ length: rows.length }, (_, index) => rows.length - index),
    );
    assert(rows.length >= 350);
    assert.deepEqual(await newestEvents(reader, { limit: 7, offset: 195 }), rows.slice(195, 202));
  });

  test('are sought through all pages', async () => {
    const rows = await newestEvents(reader, { ...all, event_type: 'health' });
    assert.deepEqual(
      rows.map(({ message }) => message),
      [300, 250, 200, 150, 100, 50, 0].map((n) => `change ${n}`),
    );
    assert.deepEqual(await newestEvents(reader, { ...all, category: 'nothing' }), []);
  });

  test('end where they were forgotten while they were read', async () => {
    let pages = 0;
    const forgetful: Pick<Reader, 'eventPage'> = {
      eventPage: (asked) => {
        if (++pages === 3) throw new PlainError('CURSOR_EXPIRED', 'forgotten');
        return reader.eventPage(asked);
      },
    };
    assert.equal((await newestEvents(forgetful, all)).length, 200);
    const halfForgotten: Pick<Reader, 'eventPage'> = {
      eventPage: async (asked) => {
        const page = await reader.eventPage(asked);
        const snapshot = () => {
          throw new PlainError('CURSOR_EXPIRED', 'forgotten');
        };
        const forgotten = page.events.map((event, index) =>
          index < 6 ? Object.defineProperty({ ...event }, 'snapshot', { get: snapshot }) : event,
        );
        return { ...page, events: forgotten };
      },
    };
    const rows = await newestEvents(halfForgotten, { ...all, event_type: 'health' });
    assert.deepEqual(
      rows.map(({ message }) => message),
      ['change 300'],
    );
  });

  test('that cannot be read are an error', async () => {
    const broken = { eventPage: () => Promise.reject(new Error('the disk is gone')) };
    await assert.rejects(newestEvents(broken, all), /the disk is gone/);
  });
});
