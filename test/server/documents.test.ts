import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { NoSchemaIntrospectionCustomRule } from 'graphql';
import { createSchema, createYoga, type Plugin } from 'graphql-yoga';
import { rememberDocuments } from '../../src/server/documents.ts';

const schema = createSchema({ typeDefs: 'type Query { a: Int }' });

const yogaWith = (...plugins: Plugin[]) =>
  createYoga({ schema, plugins, parserAndValidationCache: false, logging: false });

/** A document of so many characters, unlike any other of the same letter. */
const documentOf = (letter: string, length: number) => `{ ${letter}: a }`.padEnd(length);

describe('what is remembered of documents', () => {
  test('a document that comes again is the same one', () => {
    const { parse } = yogaWith(rememberDocuments()).getEnveloped({});
    assert.equal(parse('{ a }'), parse('{ a }'));
    assert.notEqual(parse('{ a }'), parse('{ a  }'));
  });

  test('the one that was asked for longest ago is forgotten when there is no room', () => {
    const { parse } = yogaWith(rememberDocuments(160)).getEnveloped({});
    const texts = [...'abcdefghijklmnop'].map((letter) => documentOf(letter, 10));
    const [first = '', second = ''] = texts;
    const parsed = new Map(texts.map((text) => [text, parse(text)]));
    assert.equal(parse(first), parsed.get(first), 'all of them fit');
    parse(documentOf('z', 10));
    assert.equal(parse(first), parsed.get(first), 'it was just asked for');
    assert.notEqual(parse(second), parsed.get(second), 'nobody asked for it since');
  });

  test('a document that is large for the room does not drive the others out', () => {
    const { parse } = yogaWith(rememberDocuments(160)).getEnveloped({});
    const small = parse('{ a }');
    assert.notEqual(parse(documentOf('b', 11)), parse(documentOf('b', 11)));
    for (let count = 0; count < 100; count++) parse(documentOf('b', 1_000));
    assert.equal(parse('{ a }'), small);
  });

  test('the rules speak anew where they are not the same as before', () => {
    const forReaders: Plugin = {
      onValidate({ context, addValidationRule }) {
        if ('role' in context && context.role === 'READ') addValidationRule(NoSchemaIntrospectionCustomRule);
      },
    };
    const yoga = yogaWith(forReaders, rememberDocuments());
    const errorsFor = (role: string) => {
      const { parse, validate } = yoga.getEnveloped({ role });
      return validate(schema, parse('{ __schema { queryType { name } } }')).length;
    };
    for (let turn = 0; turn < 3; turn++) {
      assert.equal(errorsFor('ALL'), 0);
      assert.equal(errorsFor('ALL'), 0);
      assert.equal(errorsFor('READ'), 2);
      assert.equal(errorsFor('READ'), 2);
    }
  });

  test('a syntax error over a WebSocket changes nothing for the one over HTTP', async () => {
    const yoga = yogaWith(rememberDocuments());
    assert.throws(() => yoga.getEnveloped({}).parse('{'));
    const response = await yoga.fetch('http://localhost/graphql', {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'application/graphql-response+json' },
      body: JSON.stringify({ query: '{' }),
    });
    assert.equal(response.status, 400);
  });
});
