import { createHash } from 'node:crypto';
import { copyFile, cp, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type Docker from 'dockerode';

export interface StandinImages {
  readonly gluetun: string;
  readonly engine: string;
}

const folder = join(import.meta.dirname, '../../docker/standins');

/** The tags of both stand-ins, built first if the daemon does not have them in their present form. */
export async function standinImages(docker: Docker): Promise<StandinImages> {
  const [gluetun, engine] = await Promise.all([ensure(docker, 'gluetun'), ensure(docker, 'engine')]);
  return { gluetun, engine };
}

async function ensure(docker: Docker, name: 'gluetun' | 'engine'): Promise<string> {
  const sources = [
    ...(await readdir(join(folder, name))).map((file) => join(folder, name, file)),
    join(folder, 'http.sh'),
  ];
  const hash = createHash('sha256');
  for (const file of [...sources.sort(), '/bin/busybox']) hash.update(await readFile(file));
  const tag = `tandem-standin-${name}:${hash.digest('hex').slice(0, 12)}`;
  const known = await docker.listImages({ filters: { reference: [tag] } });
  if (known.length === 0) await build(docker, name, tag);
  return tag;
}

async function build(docker: Docker, name: string, tag: string): Promise<void> {
  const context = await mkdtemp(join(tmpdir(), 'tandem-standin-'));
  try {
    await cp(join(folder, name), context, { recursive: true });
    await copyFile(join(folder, 'http.sh'), join(context, 'http.sh'));
    await copyFile('/bin/busybox', join(context, 'busybox'));
    const progress = await docker.buildImage({ context, src: await readdir(context) }, { t: tag });
    await new Promise<void>((resolve, reject) => {
      docker.modem.followProgress(progress, (problem, lines) => {
        // A build that fails says so on one of its lines, and the stream ends as if nothing had happened.
        const failure = lines.find(({ error }) => error !== undefined)?.error;
        if (problem || failure) reject(problem ?? new Error(`building ${tag}: ${failure}`));
        else resolve();
      });
    });
  } finally {
    await rm(context, { recursive: true });
  }
}
