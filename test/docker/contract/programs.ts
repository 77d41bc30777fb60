import assert from 'node:assert/strict';
import {
  answers,
  createContainer,
  engineSettings,
  startEngine,
  startVpn,
  untilHealth,
} from '../../support/docker/containers.ts';
import { type Answer, request } from '../../support/docker/request.ts';
import { controlPortOf } from '../../support/docker/standin-vpn.ts';
import { until } from '../../support/docker/until.ts';
import { randomName } from '../../support/docker/world.ts';
import type { Case } from './creation.ts';

const ask = (port: number, path: string, method = 'GET', body?: string): Promise<Answer> =>
  request({ host: '127.0.0.1', port }, method, path, {
    ...(body === undefined ? {} : { body }),
    timeoutMs: 5000,
  });

/** How each kind of image is told its ports. */
const startForms: Readonly<Record<string, (flags: string[]) => object>> = {
  'a whole command': (flags) => ({ Cmd: ['/acestream/acestreamengine', '--client-console', ...flags] }),
  'a variable for the shell': (flags) => ({
    Cmd: null,
    Env: [`ACESTREAM_ARGS=--client-console ${flags.join(' ')}`],
  }),
  python: (flags) => ({ Cmd: ['python', 'main.py', '--bind-all', ...flags] }),
  'flags after the entry point': (flags) => ({ Cmd: flags }),
  'extra flags': (flags) => ({ Cmd: null, Env: [`EXTRA_FLAGS=${flags.join(' ')}`] }),
};

export const programCases: readonly Case[] = [
  ...Object.entries(startForms).map(
    ([form, settings]): Case => [
      `an engine takes its ports from ${form}`,
      async (world) => {
        const vpn = await startVpn(world);
        const http = vpn.ports[0] ?? 0;
        const flags = ['--http-port', String(http), `--port=${http + 1000}`];
        const spec = engineSettings(world, vpn.name, http, settings(flags));
        const engine = await createContainer(world, randomName('engine'), spec);
        await engine.start();
        await until('it answers', () => answers(http));
      },
    ],
  ),
  [
    'an engine answers its API, to GET alone',
    async (world) => {
      const vpn = await startVpn(world);
      await startEngine(world, vpn);
      const port = vpn.ports[0] ?? 0;
      const { result, error } = JSON.parse((await ask(port, '/webui/api/service?method=get_version')).text);
      assert.deepEqual([result.platform, error], ['linux', null]);
      const status = JSON.parse((await ask(port, '/server/api?api_version=3&method=get_status')).text);
      assert.equal(status.result.playlist_loaded, true);
      const link = JSON.parse(
        (await ask(port, '/server/api?api_version=3&method=get_network_connection_status')).text,
      );
      assert.deepEqual(link, { result: { connected: true } });
      for (const method of ['HEAD', 'POST'])
        assert.equal((await ask(port, '/webui/api/service', method)).status, 501);
    },
  ],
  [
    'a stream is opened, watched and stopped',
    async (world) => {
      const vpn = await startVpn(world);
      await startEngine(world, vpn);
      const port = vpn.ports[0] ?? 0;
      const id = 'a'.repeat(40);
      const opened = JSON.parse((await ask(port, `/ace/getstream?id=${id}&format=json&pid=p`)).text);
      const { playback_url, stat_url, command_url } = opened.response;
      assert(playback_url.startsWith(`http://127.0.0.1:${port}/ace/r/`), playback_url);
      const pathOf = (url: string) => new URL(url).pathname;
      assert.equal(JSON.parse((await ask(port, pathOf(stat_url))).text).response.status, 'dl');
      assert.equal(JSON.parse((await ask(port, `${pathOf(command_url)}?method=stop`)).text).response, 'ok');
      assert.equal(JSON.parse((await ask(port, pathOf(stat_url))).text).error, 'unknown playback session id');
      assert.equal(
        JSON.parse((await ask(port, '/ace/getstream?format=json')).text).error,
        'failed to load content',
      );
    },
  ],
  [
    'the control server shows address and port while the tunnel is up, and neither when it is not',
    async (world) => {
      const { container } = await startVpn(world);
      await untilHealth(container, 'healthy');
      const port = await controlPortOf(container);
      assert.deepEqual(JSON.parse((await ask(port, '/v1/vpn/status')).text), { status: 'running' });
      const forwarded = JSON.parse((await ask(port, '/v1/portforward')).text);
      assert(forwarded.port > 0);
      assert.deepEqual(forwarded.ports, [forwarded.port]);
      assert.match(JSON.parse((await ask(port, '/v1/publicip/ip')).text).public_ip, /^\d+\.\d+\.\d+\.\d+$/);
      await world.tunnel(container).fail();
      await untilHealth(container, 'unhealthy');
      assert.equal((await ask(port, '/v1/publicip/ip')).text, '{"public_ip":""}\n');
      assert.equal((await ask(port, '/v1/portforward')).text, '{"port":0,"ports":[]}\n');
    },
  ],
  [
    'the control server stops and starts the tunnel, and refuses what it does not know',
    async (world) => {
      const { container } = await startVpn(world);
      const port = await controlPortOf(container);
      await until('it answers', () =>
        ask(port, '/v1/version').then(
          ({ status }) => status === 200,
          () => false,
        ),
      );
      const put = async (status: string) =>
        (await ask(port, '/v1/vpn/status', 'PUT', JSON.stringify({ status }))).text;
      assert.equal(await put('running'), '{"outcome":"already running"}\n');
      assert.equal(await put('stopped'), '{"outcome":"stopped"}\n');
      assert.equal((await ask(port, '/v1/vpn/status')).text, '{"status":"stopped"}\n');
      assert.equal(await put('odd'), 'invalid status: odd: possible values are: stopped, running\n');
      const redirect = await ask(port, '/v1/openvpn/portforwarded');
      assert.deepEqual([redirect.status, redirect.headers.location], [301, '/v1/portforward']);
      assert.equal((await ask(port, '/v1/wireguard/status')).status, 404);
      assert.equal((await ask(port, '/v1/portforward', 'PUT', '{}')).status, 405);
    },
  ],
];
