import type { IncomingMessage, ServerResponse } from 'node:http';
import { renderGraphiQL } from '@graphql-yoga/render-graphiql';
import { type Asset, assetOf, send } from './asset.ts';
import { exampleOperations } from './examples.ts';

const icon =
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><circle cx="5" cy="8" r="4"/><circle cx="11" cy="8" r="4"/></svg>';

/** Made once for the process, when a browser asks for it first: it is 9 MB of HTML. */
let made: Promise<Asset> | null = null;

/** The playground, with everything it needs inside: no request leaves the machine. */
export async function playground(request: IncomingMessage, response: ServerResponse): Promise<void> {
  made ??= assetOf('text/html; charset=utf-8', Buffer.from(render()));
  send(request, response, await made, { 'cache-control': 'no-cache', vary: 'accept, accept-encoding' });
}

const render = (): string =>
  renderGraphiQL({
    title: 'Tandem',
    defaultQuery: exampleOperations,
    subscriptionsProtocol: 'WS',
    // The default is fetched from the Internet. Encoded, for the renderer puts it into an attribute as it is.
    favicon: `data:image/svg+xml,${encodeURIComponent(icon)}`,
  });
