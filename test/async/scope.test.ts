import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Scope } from '../../src/async/scope.ts';

describe('what is begun in a scope', () => {
  test('ends when the outer signal aborts, and is over from the start where it has', () => {
    const outer = new AbortController();
    using scope = new Scope(outer.signal);
    assert.equal(scope.signal.aborted, false);
    outer.abort();
    assert.equal(scope.signal.aborted, true);
    using late = new Scope(outer.signal);
    assert.equal(late.signal.aborted, true);
  });

  test('ends when the scope is left, and the outer signal goes on', () => {
    const outer = new AbortController();
    const signal = (() => {
      using scope = new Scope(outer.signal);
      return scope.signal;
    })();
    assert.deepEqual([signal.aborted, outer.signal.aborted], [true, false]);
  });
});
