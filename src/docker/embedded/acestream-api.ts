import { createHash, randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { EngineFaults } from './acestream.ts';
import type { Process } from './program.ts';

interface ApiContext {
  readonly faults: EngineFaults;
  readonly sessions: Set<string>;
  readonly process: Process;
}

const version = { code: 3_021_100, platform: 'linux', version: '3.2.11' };

/** One MPEG-TS packet that carries nothing. */
const nullPacket = Buffer.concat([Buffer.from([0x47, 0x1f, 0xff, 0x10]), Buffer.alloc(184, 0xff)]);

/** The part of the engine's HTTP API that clients and health checks use. */
export function answerEngineApi(
  request: IncomingMessage,
  response: ServerResponse,
  context: ApiContext,
): void {
  if (request.method !== 'GET') return void response.writeHead(501).end();
  const host = request.headers.host ?? '127.0.0.1';
  const url = new URL(request.url ?? '/', `http://${host}`);
  const json = (body: unknown) =>
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body));

  switch (url.pathname) {
    case '/webui/api/service':
    case '/server/api':
    case '/service/api':
      return void json(service(url.searchParams.get('method'), context));
    case '/search':
      return void json({ result: { total: 0, results: [], time: 0.01 } });
    case '/ace/getstream':
    case '/ace/manifest.m3u8':
      getStream(url, host, response, context);
      return;
  }
  const [, root, verb, infohash = '', session = ''] = url.pathname.split('/');
  if (root !== 'ace' || verb === undefined) return void response.writeHead(404).end('Not Found\n');
  const key = session.replace(/\.m3u8$/, '');
  if (verb === 'stat') return void json(statistics(infohash, key, context));
  if (verb === 'cmd') {
    if (!context.sessions.has(key))
      return void json({ response: null, error: 'unknown playback session id' });
    if (url.searchParams.get('method') === 'stop') context.sessions.delete(key);
    return void json({ response: 'ok', error: null });
  }
  if (verb === 'r' && context.sessions.has(key)) return void pour(key, response, context);
  response.writeHead(context.sessions.has(key) ? 200 : 500).end();
}

function service(method: string | null, { faults }: ApiContext): unknown {
  switch (method) {
    case 'get_version':
      return { result: version, error: null };
    case 'get_status':
      return { result: { playlist_loaded: true, version } };
    case 'get_network_connection_status':
      return { result: { connected: !faults.netdown } };
    default:
      return { error: { message: 'unknown method', code: 0 } };
  }
}

function getStream(url: URL, host: string, response: ServerResponse, { faults, sessions }: ApiContext): void {
  const asJson = url.searchParams.get('format') === 'json';
  const content =
    url.searchParams.get('id') ?? url.searchParams.get('infohash') ?? url.searchParams.get('url') ?? '';
  if (faults.noload || content === '') {
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ response: null, error: 'failed to load content' }));
    return;
  }
  const infohash = createHash('sha1').update(content).digest('hex');
  const session = randomBytes(20).toString('hex');
  sessions.add(session);
  const at = (verb: string, suffix = '') => `http://${host}/ace/${verb}/${infohash}/${session}${suffix}`;
  const playback = url.pathname.endsWith('.m3u8') ? at('m', '.m3u8') : at('r');
  if (!asJson) return void response.writeHead(302, { location: playback }).end();
  response.writeHead(200, { 'content-type': 'application/json' });
  response.end(
    JSON.stringify({
      response: {
        playback_url: playback,
        stat_url: at('stat'),
        command_url: at('cmd'),
        infohash,
        playback_session_id: session,
        is_live: 1,
        is_encrypted: 0,
        client_session_id: -1,
      },
      error: null,
    }),
  );
}

function statistics(infohash: string, session: string, { sessions }: ApiContext): unknown {
  if (!sessions.has(session)) return { response: null, error: 'unknown playback session id' };
  return {
    response: {
      status: 'dl',
      peers: 4,
      speed_down: 257,
      speed_up: 29,
      downloaded: 1_048_576,
      uploaded: 65_536,
      total_progress: 0,
      is_live: 1,
      infohash,
      playback_session_id: session,
      client_session_id: -1,
    },
    error: null,
  };
}

/** An endless stream, until its session is stopped, its reader leaves or its engine ends. */
async function pour(
  session: string,
  response: ServerResponse,
  { sessions, process }: ApiContext,
): Promise<void> {
  response.writeHead(200, { 'content-type': 'video/mp2t' });
  while (sessions.has(session) && !process.signal.aborted && !response.destroyed) {
    response.write(nullPacket);
    await process.clock.sleep(200, process.signal);
  }
  response.end();
}
