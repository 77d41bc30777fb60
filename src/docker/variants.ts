import type { Ports } from '../domain/engine.ts';

/** How an engine image is told its ports. */
export interface Variant {
  readonly image: string;
  readonly start: (ports: Ports) => {
    readonly cmd?: readonly string[];
    readonly env?: Readonly<Record<string, string>>;
  };
}

const flags = ({ http, https, p2p, api }: Ports): string[] => [
  ...['--http-port', String(http)],
  ...['--https-port', String(https)],
  ...['--port', String(p2p)],
  ...['--api-port', String(api)],
];

const required = ['--client-console', '--bind-all'];

const pythonMain = (image: string): Variant => ({
  image,
  start: (ports) => ({ cmd: ['python', 'main.py', ...required, ...flags(ports)] }),
});

export const variants = {
  'nano-ace': {
    image: 'ghcr.io/krinkuto11/nano-ace:latest',
    start: (ports) => ({ cmd: ['/acestream/acestreamengine', ...required, ...flags(ports)] }),
  },
  'jopsis-x64': {
    image: 'jopsis/acestream:x64',
    start: (ports) => ({ env: { ACESTREAM_ARGS: [...required, ...flags(ports)].join(' ') } }),
  },
  'jopsis-arm32': pythonMain('jopsis/acestream:arm32-v3.2.13'),
  'jopsis-arm64': pythonMain('jopsis/acestream:arm64-v3.2.13'),
  'http-proxy': {
    image: 'ghcr.io/martinbjeldbak/acestream-http-proxy:latest',
    // Its entrypoint gives --client-console itself, and --bind-all only when remote access is allowed.
    start: (ports) => ({ cmd: flags(ports), env: { ALLOW_REMOTE_ACCESS: 'yes' } }),
  },
} as const satisfies Record<string, Variant>;

export type VariantName = keyof typeof variants;
