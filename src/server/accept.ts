export type JsonType = 'application/json' | 'application/graphql-response+json';

/**
 * The type of an answer that is one piece of JSON, as Yoga reads Accept: the first that fits counts, whatever its weight.
 * Null where JSON is not wanted.
 */
export function jsonTypeFor(accept: string | undefined): JsonType | null {
  for (const range of (accept || '*/*').replace(/\s/g, '').toLowerCase().split(',')) {
    const [type = '', ...parameters] = range.split(';');
    const charset = parameters.find((parameter) => parameter.includes('charset='));
    if (charset !== undefined && charset !== 'charset=utf-8') continue;
    const found = /^(?:\*|application)\/(\*|json|graphql-response\+json)$/.exec(type);
    if (found)
      return found[1]?.startsWith('graphql') ? 'application/graphql-response+json' : 'application/json';
  }
  return null;
}
