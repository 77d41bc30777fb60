/**
 * What another program said, fit to be told on: in one line, of a length that a message bears, and without characters that
 * would steer a terminal or turn the reading direction.
 */
export function plainWords(text: string, longest = 500): string {
  const cut = text.length > longest ? `${text.slice(0, longest)}…` : text;
  return cut.toWellFormed().replace(steering, (character) => escaped(character.codePointAt(0) ?? 0));
}

/** Control characters, line and paragraph separators, and the marks that embed or override a direction. */
const steering = /[\p{Cc}\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

const escaped = (code: number): string =>
  code === 10 || code === 13 || code === 9 ? ' ' : `\\u${code.toString(16).padStart(4, '0')}`;
