import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';

/** A file as it is sent, in every encoding that is spoken. */
export interface Asset {
  readonly type: string;
  /** Without its quotes. */
  readonly tag: string;
  readonly identity: Buffer;
  readonly gzip: Buffer;
  readonly br: Buffer;
}

const encodings = ['br', 'gzip'] as const;

/** The best would take the playground, which has 9 MB, twenty seconds, and make it a tenth smaller. */
const quality = { params: { [constants.BROTLI_PARAM_QUALITY]: 5 } };

/** Compressed beside the event loop: others are answered meanwhile. */
export async function assetOf(type: string, identity: Buffer): Promise<Asset> {
  const [small, smaller] = await Promise.all([
    promisify(gzip)(identity),
    promisify(brotliCompress)(identity, quality),
  ]);
  const tag = createHash('sha256').update(identity).digest('base64url').slice(0, 22);
  return { type, tag, identity, gzip: small, br: smaller };
}

export function send(
  { method, headers: asked }: IncomingMessage,
  response: ServerResponse,
  asset: Asset,
  others: Readonly<Record<string, string>>,
): void {
  if (method !== 'GET' && method !== 'HEAD')
    return void response.writeHead(405, { allow: 'GET, HEAD' }).end();
  const encoding = encodings.find((each) => accepts(String(asked['accept-encoding'] ?? ''), each));
  const body = asset[encoding ?? 'identity'];
  // What is encoded in another way is another representation.
  const etag = `"${asset.tag}${encoding ? `-${encoding}` : ''}"`;
  const headers = {
    'content-type': asset.type,
    etag,
    ...others,
    ...(encoding && { 'content-encoding': encoding }),
  };
  if (isKnown(asked['if-none-match'] ?? '', etag)) response.writeHead(304, headers).end();
  else response.writeHead(200, { ...headers, 'content-length': body.length }).end(body);
}

/** RFC 9110, 12.5.3: a weight of 0 is a refusal. */
export const accepts = (header: string, encoding: string): boolean =>
  header.split(',').some((each) => {
    const [name = '', ...parameters] = each.split(';').map((part) => part.trim().toLowerCase());
    return name === encoding && !parameters.some((parameter) => /^q=0(\.0*)?$/.test(parameter));
  });

/** RFC 9110, 13.1.2: any of a list, weak or not. */
const isKnown = (header: string, etag: string): boolean =>
  header.split(',').some((each) => each.trim() === '*' || each.trim().replace(/^W\//, '') === etag);
