import type { Sight } from '../oracles/sights.ts';

/** What is worth telling of a sight, on one line; null for nothing. */
export function inWords(sight: Sight): string | null {
  switch (sight.kind) {
    case 'told':
      return `${sight.event.type} ${sight.event.message}`;
    case 'stage':
      return `(${sight.stage})`;
    case 'asked':
      return `${sight.request} asks: ${sight.what} ${sight.count}`;
    case 'answered':
      return `${sight.request} is answered: ${[...sight.engines, ...sight.errors].join(', ')}`;
    default:
      return null;
  }
}
