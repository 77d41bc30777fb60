import type { IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';
import type { Log } from '../services/log.ts';
import { send } from './asset.ts';
import { type Bundle, bundle } from './bundle.ts';

/** Under it are the files that the page loads. */
export const assetsPath = '/dashboard/';

/** Nothing from elsewhere, nothing that is not a file of ours, nowhere to be sent, and nobody to be framed by. */
const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "connect-src 'self'",
  "img-src 'self' data:",
  "form-action 'none'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
].join('; ');

/** Made once for the process, when a browser asks for it first: until then nothing is spent on it. */
let made: Promise<Bundle> | null = null;

export interface Dashboard {
  /** The page at "/". */
  open(request: IncomingMessage, response: ServerResponse): Promise<void>;
  /** What it loads. */
  load(request: IncomingMessage, response: ServerResponse, path: string): Promise<void>;
}

/** The page holds no data and wants no key: what it shows, it asks the API for. */
export function dashboard(log: Log): Dashboard {
  const withBundle = async (response: ServerResponse, answer: (all: Bundle) => void): Promise<void> => {
    try {
      made ??= bundle(join(import.meta.dirname, '../dashboard'), assetsPath);
      answer(await made);
    } catch (problem) {
      made = null;
      log.error({ err: problem }, 'the dashboard cannot be made');
      plain(response, 500, 'The dashboard cannot be made; the log says why. The API is at /graphql.');
    }
  };
  return {
    open: (request, response) =>
      withBundle(response, ({ page }) =>
        send(request, response, page, {
          'cache-control': 'no-cache',
          'content-security-policy': policy,
          'cross-origin-opener-policy': 'same-origin',
          'referrer-policy': 'no-referrer',
          vary: 'accept, accept-encoding',
        }),
      ),
    load: (request, response, path) =>
      withBundle(response, ({ assets }) => {
        const asset = assets.get(path.slice(assetsPath.length));
        if (!asset) return plain(response, 404, 'Of the dashboard there is nothing here; it is at "/".');
        const forGood = { 'cache-control': 'public, max-age=31536000, immutable', vary: 'accept-encoding' };
        send(request, response, asset, forGood);
      }),
  };
}

const plain = (response: ServerResponse, status: number, text: string): void =>
  void response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8' }).end(`${text}\n`);
