import { builder } from '../schema/builder.ts';
import { EngineType } from '../schema/engine.ts';

builder.objectField(EngineType, 'lastHealthCheckAt', (t) =>
  t.field({
    type: 'DateTime',
    nullable: true,
    description: 'When it was asked last how it is; null before the first time since Tandem started.',
    resolve: ({ engine }, _args, { fleet }) => fleet.roster.probedAt(engine.id),
  }),
);
