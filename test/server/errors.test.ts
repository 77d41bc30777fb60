import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GraphQLError } from 'graphql';
import { PlainError } from '../../src/domain/plain-error.ts';
import { maskWith } from '../../src/server/errors.ts';

function masked(error: unknown) {
  const lines: [object, string][] = [];
  const log = {
    info() {},
    warn() {},
    error: (facts: object, message: string) => void lines.push([facts, message]),
  };
  const told = maskWith(log, () => 'the-id')(error);
  return { told, lines };
}

test('an unexpected error is masked, and logged under the id that the client gets', () => {
  const secret = new Error('password=hunter2');
  for (const error of [
    secret,
    new GraphQLError(secret.message, { originalError: secret, path: ['fleet'] }),
    'hunter2',
  ]) {
    const { told, lines } = masked(error);
    assert(told instanceof GraphQLError);
    assert.doesNotMatch(JSON.stringify(told), /hunter2/);
    assert.match(told.message, /the-id/);
    assert.deepEqual(told.extensions, { code: 'INTERNAL_SERVER_ERROR', errorId: 'the-id' });
    assert.equal(lines.length, 1);
    assert.match(JSON.stringify(lines[0]), /"errorId":"the-id"/);
  }
});

test("a client's own mistake is told as it is, with its code, and not logged", () => {
  const mistake = new PlainError('CURSOR_EXPIRED', 'too old');
  const { told, lines } = masked(
    new GraphQLError(mistake.message, { originalError: mistake, path: ['engineChanged'] }),
  );
  assert(told instanceof GraphQLError);
  assert.deepEqual(
    [told.message, told.extensions, told.path],
    ['too old', { code: 'CURSOR_EXPIRED' }, ['engineChanged']],
  );
  assert.deepEqual(lines, []);
});

test('what graphql says of a document goes through', () => {
  const error = new GraphQLError('Syntax Error: Unexpected "}".');
  assert.equal(masked(error).told, error);
});
