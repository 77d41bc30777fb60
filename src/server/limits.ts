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
import type { Plugin, YogaInitialContext } from 'graphql-yoga';
import type { Context } from '../context.ts';
import { withoutValues } from './errors.ts';

/** The most that one document may hold. The playground's own, and a dashboard's, have a tenth of it. */
export const limits = {
  characters: 262_144,
  tokens: 2_000,
  aliases: 50,
  directives: 20,
  depth: 12,
  errors: 20,
  /** Characters of a subscription and its variables, and of all those on one WebSocket: they are kept while it goes on. */
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
    const length = charactersOf(args);
    const errors =
      length > limits.subscription
        ? [
            exceeded(
              `A subscription is kept with its variables for as long as it goes on: this one has ${length} characters; at most ${limits.subscription}.`,
            ),
          ]
        : excess(args, introspection);
    if (errors.length > 0) setResultAndStopExecution({ errors: errors.map(asBadRequest(args)) });
  },
});

/** How much is kept of what an operation was begun with: over HTTP all of it, by Yoga; a WebSocket lets go of the rest. */
export function charactersOf({ document, variableValues, contextValue }: ExecutionArgs): number {
  const { params } = contextValue as Partial<YogaInitialContext>;
  return JSON.stringify(params ?? [document.loc?.source.body, variableValues]).length;
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
