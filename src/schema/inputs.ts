import { builder } from './builder.ts';
import { EngineHealthType, EngineStateType } from './enums.ts';

const LabelInput = builder.inputType('LabelInput', {
  description: "A caller's own mark on an engine.",
  fields: (t) => ({
    key: t.string({
      required: true,
      description:
        'Up to 128 characters. Not tandem.*, com.docker.*, io.docker.*, nor the key of CONTAINER_LABEL.',
    }),
    value: t.string({
      required: true,
      description: 'Up to 4096 characters, none of them a control character.',
    }),
  }),
});

const EnvInput = builder.inputType('EnvInput', {
  description: "A variable of the engine's environment.",
  fields: (t) => ({
    name: t.string({
      required: true,
      description: 'Letters, digits and "_". Not those that carry the ports.',
    }),
    value: t.string({ required: true, description: 'Up to 32768 characters.' }),
  }),
});

const asked = {
  labels: 'Labels for each engine, at most 64.',
  env: 'Variables for each engine, at most 64 and 131072 characters in all.',
};

export const ProvisionEngineInput = builder.inputType('ProvisionEngineInput', {
  description: 'What to start.',
  fields: (t) => ({
    labels: t.field({ type: [LabelInput], description: asked.labels }),
    env: t.field({ type: [EnvInput], description: asked.env }),
    idempotencyKey: t.string({
      description:
        'The same key within 24 h gives the same engine (REMOVED, if it is gone by then); a failure is not remembered. The same key with other input is an InvalidInputError.',
    }),
  }),
});

export const ProvisionEnginesInput = builder.inputType('ProvisionEnginesInput', {
  description: 'What to start, and how often.',
  fields: (t) => ({
    count: t.int({ required: true, description: '1 to 1000.' }),
    labels: t.field({ type: [LabelInput], description: asked.labels }),
    env: t.field({ type: [EnvInput], description: asked.env }),
    idempotencyKey: t.string({
      description:
        'Of the whole batch: the same key within 24 h gives the same engines, and tries those again that failed.',
    }),
  }),
});

export const EngineRefInput = builder.inputType('EngineRef', {
  description:
    'One engine, by one of its whole ids. A name is used again for another engine, an id never is.',
  isOneOf: true,
  fields: (t) => ({
    id: t.id({ description: "The engine's id." }),
    name: t.string({ description: "The container's name, such as acestream-1." }),
    containerId: t.id({ description: "Docker's id of the container, all 64 digits." }),
  }),
});

export const EngineFilterInput = builder.inputType('EngineFilter', {
  description: 'Which engines to list. All conditions have to hold.',
  fields: (t) => ({
    vpn: t.string({
      description:
        "A VPN's name; then its engines are listed even while it is FAILED. An unknown one is an error.",
    }),
    states: t.field({
      type: [EngineStateType],
      description: 'Only these; without it PROVISIONING and RUNNING.',
    }),
    health: t.field({ type: [EngineHealthType], description: 'Only these.' }),
  }),
});
