import type { DocumentNode } from 'graphql';
import type { Plugin } from 'graphql-yoga';

/** How many characters of documents are remembered: each may stand for some 200 bytes of memory once it is parsed. */
const mostCharacters = 262_144;

interface Verdict {
  readonly rules: readonly unknown[];
  readonly errors: readonly Error[];
}

/**
 * Remembers what documents were parsed to, and what the rules said of them, so that one that comes again costs neither. The
 * one that was asked for longest ago is forgotten first, and no document takes more than a sixteenth of the room. Yoga's own
 * memory counts documents, whatever their size. To be the last plugin: it has to see the rules that others add.
 */
export function rememberDocuments(most = mostCharacters): Plugin {
  const documents = new Map<string, DocumentNode>();
  const verdicts = new WeakMap<DocumentNode, Verdict>();
  let held = 0;

  const remember = (text: string, document: DocumentNode) => {
    if (text.length > most / 16) return;
    documents.set(text, document);
    held += text.length;
    for (const [oldest] of documents) {
      if (held <= most) return;
      documents.delete(oldest);
      held -= oldest.length;
    }
  };

  return {
    onParse({ params: { source }, setParsedDocument }) {
      const text = String(source);
      const document = documents.get(text);
      if (document === undefined)
        return ({ result }) => {
          if (result !== null && !(result instanceof Error)) remember(text, result);
        };
      // A Map keeps the order in which it was filled, so this one becomes the newest.
      documents.delete(text);
      documents.set(text, document);
      setParsedDocument(document);
      return undefined;
    },
    onValidate({ params: { documentAST, rules = [] }, setResult }) {
      const verdict = verdicts.get(documentAST);
      if (verdict && isSame(verdict.rules, rules)) {
        setResult(verdict.errors);
        return undefined;
      }
      return ({ result }) => {
        verdicts.set(documentAST, { rules, errors: result });
      };
    },
  };
}

const isSame = (some: readonly unknown[], others: readonly unknown[]): boolean =>
  some.length === others.length && some.every((each, index) => each === others[index]);
