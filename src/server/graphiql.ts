import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { gzipSync } from 'node:zlib';
import { renderGraphiQL } from '@graphql-yoga/render-graphiql';
import { exampleOperations } from './examples.ts';

const icon =
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><circle cx="5" cy="8" r="4"/><circle cx="11" cy="8" r="4"/></svg>';

interface Page {
  readonly html: Buffer;
  readonly gzipped: Buffer;
  readonly etag: string;
}

/**
 * The playground, with everything it needs inside: no request leaves the machine. It is 9 MB of HTML, so it is rendered and
 * compressed once, when it is first asked for.
 */
export function graphiql(): (request: IncomingMessage, response: ServerResponse) => void {
  let page: Page | null = null;
  return (request, response) => {
    page ??= render();
    const headers = {
      'content-type': 'text/html; charset=utf-8',
      etag: page.etag,
      'cache-control': 'no-cache',
      vary: 'accept, accept-encoding',
    };
    if (request.headers['if-none-match'] === page.etag) {
      response.writeHead(304, headers).end();
    } else if (/\bgzip\b/.test(String(request.headers['accept-encoding'] ?? ''))) {
      response
        .writeHead(200, { ...headers, 'content-encoding': 'gzip', 'content-length': page.gzipped.length })
        .end(page.gzipped);
    } else {
      response.writeHead(200, { ...headers, 'content-length': page.html.length }).end(page.html);
    }
  };
}

function render(): Page {
  const html = Buffer.from(
    renderGraphiQL({
      title: 'Tandem',
      defaultQuery: exampleOperations,
      subscriptionsProtocol: 'WS',
      // The default is fetched from the Internet. Encoded, for the renderer puts it into an attribute as it is.
      favicon: `data:image/svg+xml,${encodeURIComponent(icon)}`,
    }),
  );
  return {
    html,
    gzipped: gzipSync(html),
    etag: `"${createHash('sha256').update(html).digest('base64url').slice(0, 22)}"`,
  };
}
