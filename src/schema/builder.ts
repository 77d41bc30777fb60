import SchemaBuilder from '@pothos/core';
import ComplexityPlugin from '@pothos/plugin-complexity';
import ScopeAuthPlugin from '@pothos/plugin-scope-auth';
import type { Context } from '../context.ts';
import { PlainError } from '../domain/plain-error.ts';

/** Time on the wire is ISO 8601 in UTC; inside it is milliseconds since the epoch. */
export const builder = new SchemaBuilder<{
  Context: Context;
  DefaultFieldNullability: false;
  Scalars: { DateTime: { Input: number; Output: number }; ID: { Input: string; Output: string } };
  AuthScopes: { change: boolean };
}>({
  defaultFieldNullability: false,
  plugins: [ScopeAuthPlugin, ComplexityPlugin],
  scopeAuth: {
    authScopes: ({ viewer }) => ({ change: viewer.role === 'ALL' }),
    authorizeOnSubscribe: true,
    unauthorizedError: (_parent, _context, { fieldName }) =>
      new PlainError(
        'FORBIDDEN',
        `"${fieldName}" changes something: it needs API_KEY, and this key is for reading.`,
      ),
  },
  // What a query costs is reckoned before any of it is executed, in server/limits.ts.
  complexity: { disabled: true },
});
