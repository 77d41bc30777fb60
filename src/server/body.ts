import type { IncomingMessage } from 'node:http';

/** The largest body of a request, in bytes. */
export const largestBody = 2_097_152;

/**
 * Reads a body to its end, and tells it, or null when it is too large. Tells nothing of a client that went away. What comes
 * after too much is thrown away as it arrives, so that the client gets to read the answer.
 */
export function readBody(request: IncomingMessage, tell: (text: string | null) => void): void {
  const chunks: Buffer[] = [];
  // One that says that it is too large is not waited for.
  const announced = Number(request.headers['content-length'] ?? 0);
  let length = announced > largestBody ? announced : 0;
  if (length > largestBody) tell(null);
  request.on('data', (chunk: Buffer) => {
    if (length > largestBody) return;
    length += chunk.length;
    if (length <= largestBody) chunks.push(chunk);
    else {
      chunks.length = 0;
      tell(null);
    }
  });
  request.on('end', () => {
    if (length <= largestBody)
      tell((chunks.length === 1 ? chunks[0] : Buffer.concat(chunks))?.toString() ?? '');
  });
}
