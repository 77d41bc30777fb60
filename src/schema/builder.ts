import SchemaBuilder from '@pothos/core';
import type { Context } from '../context.ts';

/** Time on the wire is ISO 8601 in UTC; inside it is milliseconds since the epoch. */
export const builder = new SchemaBuilder<{
  Context: Context;
  DefaultFieldNullability: false;
  Scalars: { DateTime: { Input: number; Output: number }; ID: { Input: string; Output: string } };
}>({ defaultFieldNullability: false });
