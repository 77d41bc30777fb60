import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { checkRef, type EngineRef, engineNotFound, readRef } from '../../src/domain/engine-ref.ts';

describe('a reference is refused when it', () => {
  const bad: [string, EngineRef, string, RegExp][] = [
    ['is empty', { id: '' }, 'engine.id', /engine.id is empty/],
    ['is an empty name', { name: '' }, 'engine.name', /engine.name is empty/],
    ['names nothing', {}, 'engine.id', /is empty/],
    [
      'names nothing in three ways',
      { id: null, name: undefined, containerId: null },
      'engine.id',
      /is empty/,
    ],
    ['has 129 characters', { containerId: 'a'.repeat(129) }, 'engine.containerId', /up to 128/],
    ['has a million characters', { name: 'a'.repeat(1_000_000) }, 'engine.name', /^.{1,200}$/],
    ['has a space', { name: 'a b' }, 'engine.name', /"a b"/],
    ['has a slash', { name: '../containers/json' }, 'engine.name', /engine.name/],
    ['begins with a slash, as Docker lists names', { name: '/acestream-1' }, 'engine.name', /engine.name/],
    ['has a question mark', { containerId: 'a?force=1' }, 'engine.containerId', /engine.containerId/],
    ['has a percent sign', { id: 'a%2f' }, 'engine.id', /engine.id/],
    ['ends with a line feed', { id: 'abc\n' }, 'engine.id', /"abc\\n"/],
    ['begins with a dot', { name: '.hidden' }, 'engine.name', /engine.name/],
    ['begins with a dash', { name: '-f' }, 'engine.name', /engine.name/],
    ['has a letter beyond ASCII', { name: 'é' }, 'engine.name', /engine.name/],
    ['has a NUL', { id: 'a\0' }, 'engine.id', /engine.id/],
  ];
  for (const [name, ref, field, message] of bad) {
    test(name, () => {
      const wrong = checkRef(ref);
      assert.equal(wrong?.field, field);
      assert.match(wrong?.message ?? '', message);
    });
  }
});

describe('a reference may be', () => {
  const good: [string, EngineRef][] = [
    ['an id', { id: '0b0e7bb0-6d0c-4b0e-8c0f-1d0e7bb06d0c' }],
    ['a name', { name: 'acestream-1' }],
    ['a container id', { containerId: 'f'.repeat(64) }],
    ['one character', { id: 'a' }],
    ['128 characters', { id: 'a'.repeat(128) }],
    ['a name with dots and underscores', { name: 'a_b.c-d' }],
    ['one of three, the others null', { id: null, name: 'a', containerId: null }],
  ];
  for (const [name, ref] of good) test(name, () => assert.equal(checkRef(ref), null));
});

test('a reference is read as the one field that is given', () => {
  assert.deepEqual(readRef({ id: null, containerId: 'c' }), ['containerId', 'c']);
  assert.deepEqual(readRef({ name: 'n' }), ['name', 'n']);
});

test('an engine that is not found is called by the field that was asked for', () => {
  assert.match(engineNotFound({ containerId: 'abc' }).message, /has the containerId abc\./);
});
