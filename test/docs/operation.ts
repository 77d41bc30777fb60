import assert from 'node:assert/strict';
import { type DocumentNode, Kind, type OperationDefinitionNode, parse, print, visit } from 'graphql';
import type { Client } from '../support/client.ts';
import { Wire } from '../support/wire.ts';

/** The kinds and codes of all that went wrong in an answer. */
export function troublesIn(answer: unknown): string[] {
  if (Array.isArray(answer)) return answer.flatMap(troublesIn);
  if (typeof answer !== 'object' || answer === null) return [];
  const { __typename: kind, extensions, message, ...rest } = answer as Record<string, unknown>;
  const code = (extensions as { code?: string } | undefined)?.code;
  const isGraphqlError = typeof message === 'string' && ('extensions' in answer || 'locations' in answer);
  return [
    ...(typeof kind === 'string' && kind.endsWith('Error') ? [kind] : []),
    ...(isGraphqlError ? [code ?? message] : []),
    ...Object.values(rest).flatMap(troublesIn),
  ];
}

/** The same document, which asks of everything what it is too: else an error could pass for what was wanted. */
const telling = (document: DocumentNode): DocumentNode =>
  visit(document, {
    Field: (node) =>
      node.selectionSet && {
        ...node,
        selectionSet: {
          ...node.selectionSet,
          selections: [
            ...node.selectionSet.selections,
            { kind: Kind.FIELD, name: { kind: Kind.NAME, value: '__typename' } },
          ],
        },
      },
  });

/** What examples leave to their readers. */
const given: Readonly<Record<string, (client: Client) => Promise<unknown>>> = {
  after: async (client) => (await client.answer({ query: '{ lastEventId }' })).body.data?.lastEventId,
};

async function variablesOf({ variableDefinitions = [] }: OperationDefinitionNode, client: Client) {
  const entries = variableDefinitions.map(async ({ variable: { name } }) => {
    const give = given[name.value];
    assert(give, `nobody knows what $${name.value} is`);
    return [name.value, await give(client)];
  });
  return Object.fromEntries(await Promise.all(entries));
}

/** Executes every operation of a document, and gives the troubles that it met. A subscription has begun when this resolves. */
export async function execute(text: string, client: Client & { readonly url: string }): Promise<string[]> {
  const document = parse(text);
  const operations = document.definitions.filter(({ kind }) => kind === Kind.OPERATION_DEFINITION);
  assert(operations.length > 0, 'there is no operation');
  const troubles: string[] = [];
  for (const operation of operations as OperationDefinitionNode[]) {
    const others = document.definitions.filter(({ kind }) => kind !== Kind.OPERATION_DEFINITION);
    const query = print(telling({ ...document, definitions: [operation, ...others] }));
    const variables = await variablesOf(operation, client);
    if (operation.operation !== 'subscription') {
      troubles.push(...troublesIn((await client.answer({ query, variables })).body));
      continue;
    }
    await using wire = await Wire.ready(client.url);
    const id = await wire.follow(query, variables);
    troubles.push(...wire.of(id).flatMap(({ payload }) => troublesIn(payload)));
  }
  return troubles;
}
