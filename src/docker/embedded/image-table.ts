import type { ImageEntry } from './images.ts';

const engine = ['/acestream/acestreamengine', '--client-console', '--bind-all'];
const python = ['python', 'main.py', '--bind-all', '--client-console'];

/** The images that are here from the start, each with the start form of its original. */
export const knownImages: readonly ImageEntry[] = [
  {
    name: 'qmcgaw/gluetun',
    kind: 'gluetun',
    place: 'local',
    entrypoint: ['/gluetun-entrypoint'],
    env: ['VPN_SERVICE_PROVIDER=simulated'],
  },
  { name: 'ghcr.io/krinkuto11/nano-ace:latest', kind: 'acestream', place: 'local', command: engine },
  {
    name: 'jopsis/acestream:x64',
    kind: 'acestream',
    place: 'local',
    command: ['/bin/sh', '-c', '/acestream/start-engine ${' + 'ACESTREAM_ARGS}'],
    env: ['ACESTREAM_ARGS=--client-console --bind-all'],
    checks6878: true,
  },
  {
    name: 'jopsis/acestream:arm32-v3.2.13',
    kind: 'acestream',
    place: 'local',
    command: python,
    checks6878: true,
  },
  {
    name: 'jopsis/acestream:arm64-v3.2.13',
    kind: 'acestream',
    place: 'local',
    command: python,
    checks6878: true,
  },
  {
    name: 'ghcr.io/martinbjeldbak/acestream-http-proxy:latest',
    kind: 'acestream',
    place: 'local',
    entrypoint: ['/app/start-engine', '--client-console'],
  },
];
