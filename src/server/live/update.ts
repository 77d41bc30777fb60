import type { ExecutionResult, GraphQLError, GraphQLFormattedError } from 'graphql';

/** What a result may carry that writes it down itself, as those of compiled queries do. */
interface Written extends ExecutionResult {
  readonly stringify?: (result: ExecutionResult) => string;
}

const beforePayload = '{"type":"next","payload":';

/** What follows the payload in a frame: all that differs between the subscribers of one update. */
export function frameEnd(id: string): Buffer {
  const text = `,"id":${JSON.stringify(id)}}`;
  // It is kept as long as its subscriber stays. A piece of a pool would keep all of that.
  const bytes = Buffer.allocUnsafeSlow(Buffer.byteLength(text));
  bytes.write(text);
  return bytes;
}

/** One result on its way to its subscribers: it is written down once, and every socket is given the same bytes. */
export class Update {
  /** Where it stands in what is followed. */
  readonly at: number;
  /** When it was executed, in milliseconds of the clock that was handed in. */
  readonly made: number;
  readonly #payload: string;
  #message: Buffer | null = null;
  #event: Buffer | null = null;

  constructor(result: Written, at: number, made: number) {
    this.at = at;
    this.made = made;
    const { errors, stringify, ...rest } = result;
    this.#payload = errors
      ? JSON.stringify({ ...rest, errors: errors.map(shown) })
      : (stringify ?? JSON.stringify)(result);
  }

  /** A message over WebSocket up to the end of the payload; what `frameEnd` gives goes behind it. */
  get message(): Buffer {
    this.#message ??= Buffer.from(beforePayload + this.#payload);
    return this.#message;
  }

  /** The same as a server-sent event. */
  get event(): Buffer {
    this.#event ??= Buffer.from(`event: next\ndata: ${this.#payload}\n\n`);
    return this.#event;
  }
}

/** An error as clients see it: without what Yoga tells its transports by it. */
export function shown(error: GraphQLError): GraphQLFormattedError {
  const { extensions, ...rest } = error.toJSON();
  const { http: _http, unexpected: _unexpected, ...own } = extensions ?? {};
  return Object.keys(own).length > 0 ? { ...rest, extensions: own } : rest;
}

/** Bytes. */
export const longestHeader = 10;

/** What goes before a text message in one frame, as servers send them: not masked (RFC 6455, 5.2). */
export function frameHeader(length: number): Buffer {
  const finalText = 0x81;
  if (length < 126) return Buffer.from([finalText, length]);
  const bytes = Buffer.allocUnsafe(length < 65_536 ? 4 : longestHeader);
  bytes[0] = finalText;
  if (length < 65_536) {
    bytes[1] = 126;
    bytes.writeUInt16BE(length, 2);
  } else {
    bytes[1] = 127;
    bytes.writeBigUInt64BE(BigInt(length), 2);
  }
  return bytes;
}
