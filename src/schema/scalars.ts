import { GraphQLError } from 'graphql';
import { parseTime, toIso } from '../async/clock.ts';
import { builder } from './builder.ts';

builder.scalarType('DateTime', {
  description: 'A moment: ISO 8601, UTC, with milliseconds, such as 2026-11-21T21:42:12.345Z.',
  specifiedByURL: 'https://scalars.graphql.org/andimarek/date-time.html',
  serialize: (ms) => toIso(ms),
  parseValue: (value) => {
    const ms = typeof value === 'string' ? parseTime(value) : Number.NaN;
    if (Number.isNaN(ms)) throw new GraphQLError('A DateTime is written like 2026-11-21T21:42:12.345Z.');
    return ms;
  },
});
