import {
  type BatchResult,
  isRefusal,
  type ProvisionRefusal,
  type Refusal,
  type RefusalOf,
  type StopRefusal,
} from '../domain/refusal.ts';
import type { EngineView } from '../domain/snapshot.ts';
import { builder } from './builder.ts';
import { once, perVpn } from './cost.ts';
import { EngineType } from './engine.ts';
import { StartPhaseType, UnavailableReasonType } from './enums.ts';
import { VpnType } from './vpn.ts';

const ErrorType = builder.interfaceRef<Refusal>('Error').implement({
  description: 'An expected reason to say no.',
  resolveType: ({ kind }) => kind,
  fields: (t) => ({
    message: t.exposeString('message', {
      description: 'What was wrong and what to do about it, for people.',
    }),
    retryable: t.exposeBoolean('retryable', { description: 'Whether the same request may succeed later.' }),
    retryAfterSeconds: t.exposeFloat('retryAfterSeconds', {
      nullable: true,
      description: 'When; null when nobody can say.',
    }),
  }),
});

const interfaces = [ErrorType];
const plain = <K extends Refusal['kind']>(kind: K, description: string) =>
  builder.objectRef<RefusalOf<K>>(kind).implement({ description, interfaces });

const NoHealthyVpn = builder.objectRef<RefusalOf<'NoHealthyVpnError'>>('NoHealthyVpnError').implement({
  description: 'No VPN is READY, and none is about to be.',
  interfaces,
  fields: (t) => ({
    vpns: t.field({
      type: [VpnType],
      complexity: perVpn,
      description: 'All VPNs, as they were then.',
      resolve: ({ vpns }) => vpns,
    }),
  }),
});

const VpnStabilizing = builder.objectRef<RefusalOf<'VpnStabilizingError'>>('VpnStabilizingError').implement({
  description: 'No VPN is READY, but one will be when it has stayed healthy long enough.',
  interfaces,
  fields: (t) => ({
    vpns: t.field({
      type: [VpnType],
      complexity: perVpn,
      description: 'All VPNs, as they were then.',
      resolve: ({ vpns }) => vpns,
    }),
  }),
});

const CapacityReached = builder
  .objectRef<RefusalOf<'CapacityReachedError'>>('CapacityReachedError')
  .implement({
    description: 'MAX_REPLICAS engines are running or on their way.',
    interfaces,
    fields: (t) => ({ maxReplicas: t.exposeInt('maxReplicas', { description: 'MAX_REPLICAS.' }) }),
  });

const NoFreePort = builder.objectRef<RefusalOf<'NoFreePortError'>>('NoFreePortError').implement({
  description: 'Every port of every READY VPN is taken.',
  interfaces,
  fields: (t) => ({
    vpn: t.field({ type: VpnType, description: 'The first of those VPNs.', resolve: ({ vpn }) => vpn }),
  }),
});

const EngineStart = builder.objectRef<RefusalOf<'EngineStartError'>>('EngineStartError').implement({
  description: 'Docker refused, or the engine did not come up in time. Nothing of it is left behind.',
  interfaces,
  fields: (t) => ({
    phase: t.field({
      type: StartPhaseType,
      description: 'The step that failed.',
      resolve: ({ phase }) => phase,
    }),
  }),
});

const ServiceUnavailable = builder
  .objectRef<RefusalOf<'ServiceUnavailableError'>>('ServiceUnavailableError')
  .implement({
    description: 'The service takes no order now.',
    interfaces,
    fields: (t) => ({
      reason: t.field({ type: UnavailableReasonType, description: 'Why.', resolve: ({ reason }) => reason }),
    }),
  });

const InvalidInput = builder.objectRef<RefusalOf<'InvalidInputError'>>('InvalidInputError').implement({
  description: 'The input breaks a rule. Nothing was changed.',
  interfaces,
  fields: (t) => ({ field: t.exposeString('field', { description: 'The input field, such as labels[0].' }) }),
});

const CircuitOpen = plain('CircuitOpenError', 'Starts failed several times in a row; none is tried for now.');
const Overloaded = plain('OverloadedError', 'Too many engines are waiting to be started.');
const DockerUnavailable = plain(
  'DockerUnavailableError',
  'Docker does not answer, or not so that its answer can be trusted.',
);
const EngineNotFound = plain('EngineNotFoundError', 'No engine of this instance is meant by that.');

const nameOf = (value: EngineView | ProvisionRefusal | StopRefusal) =>
  isRefusal(value) ? value.kind : 'Engine';

export const ProvisionEngineResult = builder.unionType('ProvisionEngineResult', {
  description: 'A running engine, or why there is none.',
  types: [
    EngineType,
    NoHealthyVpn,
    VpnStabilizing,
    CapacityReached,
    NoFreePort,
    CircuitOpen,
    EngineStart,
    DockerUnavailable,
    ServiceUnavailable,
    Overloaded,
    InvalidInput,
  ],
  resolveType: nameOf,
});

export const StopEngineResult = builder.unionType('StopEngineResult', {
  description: 'The engine, REMOVED, or why it is not.',
  types: [EngineType, EngineNotFound, DockerUnavailable, ServiceUnavailable, InvalidInput],
  resolveType: nameOf,
});

export const ProvisionEnginesPayload = builder.objectRef<BatchResult>('ProvisionEnginesPayload').implement({
  description: 'What came of a batch: engines and errors together are as many as were requested.',
  fields: (t) => ({
    requested: t.exposeInt('requested', { description: 'How many were asked for.' }),
    engines: t.field({
      type: [EngineType],
      complexity: once,
      description: 'Those that run.',
      resolve: ({ engines }) => engines,
    }),
    errors: t.field({
      type: [ErrorType],
      complexity: once,
      description: 'One for each that does not; a wrong count gives a single one.',
      resolve: ({ errors }) => errors,
    }),
  }),
});
