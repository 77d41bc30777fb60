import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import GithubSlugger from 'github-slugger';
import { lexer, type Token, type Tokens, walkTokens } from 'marked';

export const root = join(import.meta.dirname, '../..');

/** Every page that people read, by its path from the root. */
export const pages: readonly string[] = globSync('{README.md,docs/**/*.md}', { cwd: root }).sort();

export const read = (page: string): string => readFileSync(join(root, page), 'utf8');

function tokensOf<T extends Token>(page: string, type: T['type']): T[] {
  const found: T[] = [];
  walkTokens(lexer(read(page)), (token) => {
    if (token.type === type) found.push(token as T);
  });
  return found;
}

/** The targets of a page's links. */
export const linksOf = (page: string): string[] =>
  tokensOf<Tokens.Link | Tokens.Image>(page, 'link')
    .concat(tokensOf<Tokens.Image>(page, 'image'))
    .map(({ href }) => href);

/** What can follow the # of a link to a page, as GitHub names its headings. */
export function anchorsOf(page: string): Set<string> {
  const slugger = new GithubSlugger();
  return new Set(tokensOf<Tokens.Heading>(page, 'heading').map(({ text }) => slugger.slug(text)));
}

export interface Table {
  readonly header: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

export const tablesOf = (page: string): Table[] =>
  tokensOf<Tokens.Table>(page, 'table').map(({ header, rows }) => ({
    header: header.map(({ text }) => text),
    rows: rows.map((row) => row.map(({ text }) => text)),
  }));

/** What stands between backticks. */
export const quotedIn = (text: string): string[] =>
  [...text.matchAll(/`([^`]+)`/g)].map(([, quoted = '']) => quoted);

export interface Block {
  readonly language: string;
  /** What the fence says after the language: readers do not see it. */
  readonly mark: string;
  readonly text: string;
}

/** The fenced blocks of a page, in order. */
export const blocksOf = (page: string): Block[] =>
  tokensOf<Tokens.Code>(page, 'code')
    .filter(({ codeBlockStyle }) => codeBlockStyle !== 'indented')
    .map(({ lang = '', text }) => {
      const [, language = '', mark = ''] = /^(\S*)\s*(.*)$/.exec(lang) ?? [];
      return { language, mark, text };
    });
