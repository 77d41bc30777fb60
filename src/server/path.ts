import type { IncomingMessage } from 'node:http';

/** The path of a request, by hand: URL throws at some of what clients may send, such as "//". */
export const pathOf = ({ url = '/' }: IncomingMessage): string => url.split('?', 1)[0] ?? '/';
