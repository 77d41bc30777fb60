import {
  type ArgumentNode,
  type DocumentNode,
  type FieldNode,
  type GraphQLSchema,
  getOperationAST,
  isInterfaceType,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
  visit,
} from 'graphql';
import type { Viewer } from '../../context.ts';

/** What is followed: a state, of which only the newest counts, or events, of which every one does. */
export type Broadcast = 'STATE' | 'EVENTS';

/** A subscription as it was asked for. */
export interface Asked {
  readonly schema: GraphQLSchema;
  readonly document: DocumentNode;
  readonly operationName?: string | null | undefined;
  readonly variableValues?: Readonly<Record<string, unknown>> | null | undefined;
}

export interface Sharing {
  readonly broadcast: Broadcast;
  /** Equal where the same document is asked for the same. */
  readonly key: string;
  /** What is executed for all: the document, but the variable that says where to begin may be null. */
  readonly document: DocumentNode;
  /** Those of the shared execution, which begins now, wherever those who follow it begin. */
  readonly variables: Readonly<Record<string, unknown>>;
}

/** What a document says about it, whatever its variables are. */
interface Found {
  readonly document: DocumentNode;
  readonly operation: OperationDefinitionNode;
  readonly broadcast: Broadcast;
  /** The variable that says where to begin, if one does. */
  readonly beginning: string | null;
}

/** Viewers of one class may be told the same. */
const classOf = ({ role }: Viewer): string => role;

/**
 * Finds what may be executed once for all who ask for it. A field of Subscription has to say so, by
 * `extensions: { broadcast: 'STATE' }` or `'EVENTS'`; and no field that is selected anywhere may say
 * `extensions: { perViewer: true }`, which is for what viewers of one class are not all told alike.
 */
export class Shareable {
  readonly #found = new WeakMap<DocumentNode, Map<string | null, Found | null>>();
  readonly #perViewer = new WeakMap<GraphQLSchema, ReadonlySet<string>>();

  /** Null for what is executed for each subscriber by itself. */
  sharing({ schema, document, operationName, variableValues }: Asked, viewer: Viewer): Sharing | null {
    const name = operationName ?? null;
    const known = this.#found.get(document) ?? new Map<string | null, Found | null>();
    this.#found.set(document, known);
    let found = known.get(name);
    if (found === undefined) {
      found = this.#find(schema, document, name);
      known.set(name, found);
    }
    if (!found) return null;

    const { operation, broadcast, beginning } = found;
    const given = variableValues ?? {};
    // Without a prototype: a variable may be called as one of its setters is.
    const variables: Record<string, unknown> = Object.create(null);
    for (const { variable } of operation.variableDefinitions ?? []) {
      const { value } = variable.name;
      if (value === beginning) variables[value] = null;
      else if (Object.hasOwn(given, value)) variables[value] = given[value];
    }
    const key = canonical([name, classOf(viewer), variables]);
    return { broadcast, key, document: found.document, variables };
  }

  #find(schema: GraphQLSchema, document: DocumentNode, name: string | null): Found | null {
    const operation = getOperationAST(document, name);
    const root = schema.getSubscriptionType();
    if (operation?.operation !== 'subscription' || !root) return null;
    const [field, ...others] = rootFields(operation.selectionSet, document);
    if (!field || others.length > 0) return null;
    const { broadcast } = root.getFields()[field.name.value]?.extensions ?? {};
    if (broadcast !== 'STATE' && broadcast !== 'EVENTS') return null;
    if (selects(document, this.#perViewerOf(schema))) return null;

    const after = field.arguments?.find((argument) => argument.name.value === 'after');
    if (!after || after.value.kind === Kind.NULL) return { document, operation, broadcast, beginning: null };
    // One that is written into the document, or stands for something else too, cannot be left out for the others.
    const beginning = variableOf(after);
    if (beginning === null || uses(document, beginning) !== 1) return null;
    return { document: withOptional(document, beginning), operation, broadcast, beginning };
  }

  /** Names of fields that are not the same for all; a name is enough, for another field of it is merely not shared. */
  #perViewerOf(schema: GraphQLSchema): ReadonlySet<string> {
    let names = this.#perViewer.get(schema);
    if (!names) {
      names = new Set(
        Object.values(schema.getTypeMap())
          .filter((type) => isObjectType(type) || isInterfaceType(type))
          .flatMap((type) => Object.values(type.getFields()))
          .filter(({ extensions }) => extensions.perViewer === true)
          .map((field) => field.name),
      );
      this.#perViewer.set(schema, names);
    }
    return names;
  }
}

/**
 * The fields of Subscription that are selected, by way of fragments too. Each fragment is walked once, however often it is
 * spread: fragments that spread each other twice would double the walk with every step.
 */
function rootFields(selectionSet: SelectionSetNode, document: DocumentNode): FieldNode[] {
  const unseen = new Map(
    document.definitions
      .filter((definition) => definition.kind === Kind.FRAGMENT_DEFINITION)
      .map((fragment) => [fragment.name.value, fragment]),
  );
  const fieldsOf = ({ selections }: SelectionSetNode): FieldNode[] =>
    selections.flatMap((selection) => {
      if (selection.kind === Kind.FIELD) return [selection];
      if (selection.kind === Kind.INLINE_FRAGMENT) return fieldsOf(selection.selectionSet);
      const fragment = unseen.get(selection.name.value);
      unseen.delete(selection.name.value);
      return fragment ? fieldsOf(fragment.selectionSet) : [];
    });
  return fieldsOf(selectionSet);
}

function selects(document: DocumentNode, names: ReadonlySet<string>): boolean {
  let found = false;
  visit(document, {
    Field: ({ name }) => {
      found ||= names.has(name.value);
    },
  });
  return found;
}

const variableOf = ({ value }: ArgumentNode): string | null =>
  value.kind === Kind.VARIABLE ? value.name.value : null;

/** How often a variable is used in a document; where it is defined is no use. */
function uses(document: DocumentNode, name: string): number {
  let count = 0;
  visit(document, {
    VariableDefinition: () => false,
    Variable: (variable) => {
      if (variable.name.value === name) count++;
    },
  });
  return count;
}

/** The document in which a variable may be null, though it asks for one that is not. */
const withOptional = (document: DocumentNode, name: string): DocumentNode =>
  visit(document, {
    VariableDefinition: (definition) =>
      definition.type.kind === Kind.NON_NULL_TYPE && definition.variable.name.value === name
        ? { ...definition, type: definition.type.type }
        : undefined,
  });

/** JSON in which the order of keys says nothing. */
const canonical = (value: unknown): string =>
  JSON.stringify(value, (_key, each: unknown) =>
    typeof each === 'object' && each !== null && !Array.isArray(each)
      ? Object.fromEntries(Object.entries(each).sort(([a], [b]) => (a < b ? -1 : 1)))
      : each,
  );
