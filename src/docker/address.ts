import type { DockerOptions } from 'dockerode';

/** Where a daemon is, for dockerode and for people. */
export interface DockerAddress {
  readonly text: string;
  readonly options: DockerOptions;
  /** The host on which ports that Docker publishes are reached from here. */
  readonly publishedHost: string;
}

export const defaultDockerHost = 'unix:///var/run/docker.sock';
export const dockerHostForms =
  'unix:///path, npipe:////./pipe/name, tcp://host[:port], http://…, https://… or ssh://user@host';

/** Reads a DOCKER_HOST. Null where dockerode would silently make something else of it, such as 127.0.0.1:80. */
export function parseDockerHost(text: string): DockerAddress | null {
  const local = /^(?:unix|npipe):\/\/(\/.+)$/.exec(text);
  if (local?.[1]) return { text, options: { socketPath: local[1] }, publishedHost: '127.0.0.1' };

  const url = URL.canParse(text) ? new URL(text) : null;
  if (!url?.hostname) return null;
  // A password is for Docker, not for messages.
  const shown = new URL(url);
  shown.password = '';
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const at = (protocol: 'http' | 'https' | 'ssh', port: number): DockerAddress => ({
    text: url.password ? shown.href : text,
    options: {
      protocol,
      host,
      port: Number(url.port) || port,
      ...(url.username && { username: decodeURIComponent(url.username) }),
    },
    publishedHost: host,
  });
  switch (url.protocol) {
    case 'tcp:':
    case 'http:':
      return at('http', 2375);
    case 'https:':
      return at('https', 2376);
    case 'ssh:':
      return at('ssh', 22);
    default:
      return null;
  }
}
