import type Docker from 'dockerode';
import type { Called } from '../oracles/sights.ts';
import type { ProxiedCall } from '../support/docker/fault-proxy.ts';

type Container = Called['container'];

/** Says of a call that changes something what it does, and to which container, as Docker has it now. */
export async function audit(docker: Docker, { method, path, body }: ProxiedCall): Promise<Called | null> {
  const { pathname, searchParams } = new URL(path, 'http://daemon');
  const [, which = '', act] = /^(?:\/v[\d.]+)?\/containers\/([^/]+)(?:\/(\w+))?$/.exec(pathname) ?? [];
  if (which === '') return null;
  if (method === 'POST' && which === 'create') {
    const { Labels } = JSON.parse(body.toString());
    return {
      kind: 'called',
      verb: 'create',
      container: { name: searchParams.get('name') ?? '', labels: Labels },
    };
  }
  const container = await found(docker, which);
  if (method === 'DELETE') return { kind: 'called', verb: 'remove', container };
  return { kind: 'called', verb: act === 'start' || act === 'restart' ? act : 'other', container };
}

async function found(docker: Docker, which: string): Promise<Container> {
  try {
    const { Name, Config } = await docker.getContainer(which).inspect();
    return { name: Name.slice(1), labels: Config.Labels };
  } catch {
    return null;
  }
}
