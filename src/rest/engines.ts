import { toIso } from '../async/clock.ts';
import { containerIdOf, startedAtOf } from '../domain/engine.ts';
import type { EngineRef } from '../domain/engine-ref.ts';
import { isRefusal, type StopRefusal } from '../domain/refusal.ts';
import { type EngineView, healthOf, isForwarded } from '../domain/snapshot.ts';
import { type Answer, ok, problem, unprocessable } from './answer.ts';

/** An engine that runs, as the original shows it. What Tandem does not know is null: streams are none of its business. */
export function engineState(view: EngineView, probedAt: number | null) {
  const { engine } = view;
  const startedAt = startedAtOf(engine) ?? engine.createdAt;
  const forwarded = isForwarded(view);
  return {
    container_id: containerIdOf(engine),
    container_name: engine.name,
    host: engine.host,
    port: engine.ports.http,
    labels: Object.fromEntries(engine.labels.map(({ key, value }) => [key, value])),
    forwarded,
    first_seen: toIso(startedAt),
    last_seen: toIso(probedAt ?? startedAt),
    streams: [],
    health_status: healthOf(engine).toLowerCase(),
    last_health_check: probedAt && toIso(probedAt),
    last_stream_usage: null,
    vpn_container: engine.tunnel?.vpn ?? null,
    engine_variant: null,
    platform: null,
    version: null,
    forwarded_port: forwarded ? engine.ports.p2p : null,
  };
}

export type EngineState = ReturnType<typeof engineState>;

/** By its container's id or its name, as Docker takes both. */
export function oneEngine(called: string, engines: readonly EngineState[]): Answer {
  const engine = engines.find(
    ({ container_id, container_name }) => container_id === called || container_name === called,
  );
  return engine ? ok({ engine, streams: [] }) : { status: 404, body: { error: 'not found' } };
}

/** Ids are 64 hexadecimal digits, and no engine's name is. */
export const refTo = (called: string): EngineRef =>
  /^[0-9a-f]{64}$/.test(called) ? { containerId: called } : { name: called };

const stopStatuses = {
  EngineNotFoundError: 404,
  InvalidInputError: 422,
  DockerUnavailableError: 503,
  ServiceUnavailableError: 503,
} as const satisfies Record<StopRefusal['kind'], number>;

export function deleted(called: string, result: EngineView | StopRefusal): Answer {
  if (!isRefusal(result)) return ok({ deleted: called });
  if (result.kind === 'InvalidInputError')
    return unprocessable({ type: 'value_error', loc: ['path', 'id'], msg: result.message });
  return problem(stopStatuses[result.kind], result.message);
}
