import { complexityFromQuery } from '@pothos/plugin-complexity';
import {
  type ASTVisitor,
  type ExecutionArgs,
  GraphQLError,
  getOperationAST,
  getVariableValues,
  Kind,
  NoSchemaIntrospectionCustomRule,
  parse,
  type ValidationContext,
  validate,
} from 'graphql';
import { isAsyncIterable, type Plugin, type YogaInitialContext } from 'graphql-yoga';
import type { Context } from '../context.ts';
import { withoutValues } from './errors.ts';
import { end } from './live/end.ts';
import type { ServerContext } from './yoga.ts';

/** The most that one document may hold. The playground's own, and a dashboard's, have a tenth of it. */
export const limits = {
  characters: 262_144,
  tokens: 2_000,
  aliases: 50,
  directives: 20,
  depth: 12,
  errors: 20,
  /** Characters that a subscription was begun with, and all those on one WebSocket: they are kept while it goes on. */
  subscription: 16_384,
  subscriptions: 262_144,
  /** Fields in the answer, which a READ key may have executed in one go: about a tenth of a second. */
  cost: 100_000,
  /** What may always be asked of every engine, however many there are. */
  costPerEngine: 60,
};

/**
 * Keeps what one request can ask for within bounds, over HTTP, SSE and WebSocket alike: before a document is parsed, while it
 * is, when it is validated, and, once variables are known, before any of it is executed.
 */
export const limited = ({ introspection }: { readonly introspection: boolean }): Plugin<Context> => ({
  onParse({ params: { source }, setParseFn }) {
    const { length } = String(source);
    if (length > limits.characters)
      throw exceeded(`The document has ${length} characters; at most ${limits.characters}. Use variables.`);
    setParseFn((text, options) => {
      try {
        return parse(text, { ...options, maxTokens: limits.tokens });
      } catch (problem) {
        if (!(problem instanceof GraphQLError)) throw problem;
        const told = withoutValues(problem);
        // Over HTTP Yoga would add it, and over WebSocket nobody.
        Object.assign(told.extensions, { code: 'GRAPHQL_PARSE_FAILED' });
        throw told;
      }
    });
  },
  onValidate({ addValidationRule, setValidationFn }) {
    addValidationRule(boundedRule);
    if (!introspection) addValidationRule(NoSchemaIntrospectionCustomRule);
    setValidationFn((schema, document, rules) =>
      validate(schema, document, rules, { maxErrors: limits.errors, hideSuggestions: !introspection }).map(
        withoutValues,
      ),
    );
  },
  onExecute({ args, setResultAndStopExecution }) {
    const errors = excess(args, introspection);
    if (errors.length > 0) setResultAndStopExecution({ errors: errors.map(asBadRequest(args)) });
  },
  onSubscribe({ args, setResultAndStopExecution }) {
    const errors = excess(args, introspection);
    if (errors.length > 0) return setResultAndStopExecution({ errors: errors.map(asBadRequest(args)) });
    return {
      // Whatever else is wrong with it is told first.
      onSubscribeResult({ result, setResult }) {
        const characters = charactersOf(args);
        if (characters <= limits.subscription || !isAsyncIterable(result)) return;
        end(result[Symbol.asyncIterator]());
        const problem = exceeded(
          `What a subscription is begun with is kept for as long as it goes on: this has ${characters} characters; at most ${limits.subscription}.`,
        );
        setResult({ errors: [asBadRequest(args)(problem)] });
      },
    };
  },
});

/** How much is kept of what an operation was begun with: its parameters over HTTP, and a whole message over WebSocket. */
export function charactersOf({ contextValue }: ExecutionArgs): number {
  const { params, characters = 0 } = contextValue as Partial<YogaInitialContext & ServerContext>;
  return params ? JSON.stringify(params).length : characters;
}

/** What is wrong with so many characters of subscriptions on one WebSocket; null when nothing is. */
export const excessOnSocket = (characters: number): GraphQLError | null =>
  characters <= limits.subscriptions
    ? null
    : exceeded(
        `The subscriptions of this socket would have ${characters} characters; at most ${limits.subscriptions}. Complete some first, or open another socket.`,
      );

/** Over HTTP it has the status of a document that is wrong, where clients know that there is one. */
const asBadRequest =
  ({ contextValue }: ExecutionArgs) =>
  ({ message, nodes, source, positions, extensions }: GraphQLError): GraphQLError => {
    const http =
      contextValue instanceof Object && 'request' in contextValue ? { spec: true, status: 400 } : undefined;
    return new GraphQLError(message, {
      nodes,
      source,
      positions,
      extensions: { code: 'BAD_USER_INPUT', ...extensions, ...(http && { http }) },
    });
  };

/**
 * Aliases and directives, those of __typename included: each has the server do the same once more. And a variable that the
 * execution would lose, for it keeps them by name in an ordinary object.
 */
function boundedRule(context: ValidationContext): ASTVisitor {
  let aliases = 0;
  let directives = 0;
  return {
    VariableDefinition({ variable }) {
      if (variable.name.value === '__proto__')
        context.reportError(
          new GraphQLError('A variable cannot be called "$__proto__"; choose another name.', {
            nodes: variable,
          }),
        );
    },
    Field({ alias }) {
      if (alias && ++aliases === limits.aliases + 1)
        context.reportError(exceeded(`The document has too many aliases; at most ${limits.aliases}.`));
    },
    Directive() {
      if (++directives === limits.directives + 1)
        context.reportError(exceeded(`The document has too many directives; at most ${limits.directives}.`));
    },
  };
}

/** What is wrong with an operation that goes too deep or costs too much, or whose variables leave open whether it does. */
function excess(
  {
    schema,
    document,
    operationName,
    variableValues,
    contextValue,
  }: ExecutionArgs & { contextValue?: unknown },
  introspection: boolean,
): readonly GraphQLError[] {
  const operation = getOperationAST(document, operationName);
  // The execution says so.
  if (!operation) return [];
  const variables = variableValues ?? {};
  const fragments = document.definitions.filter(({ kind }) => kind === Kind.FRAGMENT_DEFINITION);
  const { fleet } = contextValue as Context;
  const most = Math.max(limits.cost, limits.costPerEngine * fleet.roster.size);
  try {
    const { depth, complexity: cost } = complexityFromQuery(
      { kind: Kind.DOCUMENT, definitions: [operation, ...fragments] },
      { schema, ctx: contextValue as Context, variables },
    );
    if (depth > limits.depth)
      return [exceeded(`The operation is ${depth} fields deep; at most ${limits.depth}.`)];
    if (cost > most)
      return [
        exceeded(
          `The operation costs ${cost}, which is about as many fields as its answer would have, and 50 for each engine to start; at most ${most}. Ask for less at once.`,
        ),
      ];
    return [];
  } catch (problem) {
    const { errors } = getVariableValues(schema, operation.variableDefinitions ?? [], variables, {
      maxErrors: limits.errors,
      hideSuggestions: !introspection,
    });
    if (errors) return errors.map(withoutValues);
    throw problem;
  }
}

const exceeded = (message: string): GraphQLError =>
  new GraphQLError(message, { extensions: { code: 'LIMIT_EXCEEDED' } });
