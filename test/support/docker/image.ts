import { execFileSync, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmod, copyFile, cp, mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type Docker from 'dockerode';
import type { HereDocker } from '../real.ts';

const repository = join(import.meta.dirname, '../../..');

export interface ProductImage extends AsyncDisposable {
  readonly tag: string;
  /** Bytes that it adds to its base. */
  readonly size: number;
}

/**
 * The image of the real Dockerfile, without a registry: its base is made of this machine's Node, glibc, npm and busybox, and
 * npm ci finds its packages in a cache that was filled beforehand.
 */
export async function productImage({ docker, where }: HereDocker): Promise<ProductImage> {
  const base = `tandem-test-node:${randomBytes(5).toString('hex')}`;
  const stage = base.replace('node', 'stage');
  const tag = base.replace('node', 'image');
  const dispose = async () => {
    for (const each of [tag, stage, base])
      await docker
        .getImage(each)
        .remove({ force: true })
        .catch((problem) => {
          if (problem.statusCode !== 404) throw problem;
        });
  };
  try {
    await buildBase(base, where);
    const from = ['--build-arg', `NODE_IMAGE=${base}`];
    // By a name of its own, for what has none stays behind. Building all of it goes on from there.
    await build(repository, [...from, '--target', 'build', '--tag', stage], where);
    await build(repository, [...from, '--tag', tag], where);
    return {
      tag,
      size: (await sizeOf(docker, tag)) - (await sizeOf(docker, base)),
      [Symbol.asyncDispose]: dispose,
    };
  } catch (problem) {
    await dispose();
    throw problem;
  }
}

const sizeOf = async (docker: Docker, tag: string) => (await docker.getImage(tag).inspect()).Size;

/** Has what node:24-slim has, as far as the Dockerfile uses it. */
async function buildBase(tag: string, where: string): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'tandem-base-'));
  try {
    const root = join(folder, 'root');
    const node = join(repository, 'node_modules/node/bin/node');
    const libraries = [...execFileSync('ldd', [node], { encoding: 'utf8' }).matchAll(/(\/\S+) \(0x/g)];
    const files: [from: string, to: string][] = [
      ['/bin/busybox', '/bin/busybox'],
      [node, '/usr/local/bin/node'],
      ...libraries.map(([, library = '']) => [library, library] as [string, string]),
    ];
    for (const [from, to] of files) {
      await mkdir(dirname(join(root, to)), { recursive: true });
      await copyFile(from, join(root, to));
    }
    const npmCli = await realpath(execFileSync('which', ['npm'], { encoding: 'utf8' }).trim());
    await cp(join(dirname(npmCli), '..'), join(root, npmFolder), { recursive: true });
    const npm = join(root, '/usr/local/bin/npm');
    await writeFile(npm, `#!/bin/sh\nexec node ${npmFolder}/bin/npm-cli.js "$@"\n`);
    await chmod(npm, 0o755);
    await mkdir(join(root, 'etc'));
    await writeFile(
      join(root, 'etc/passwd'),
      'root:x:0:0:root:/root:/bin/sh\nnode:x:1000:1000::/home/node:/bin/sh\n',
    );
    await fillCache(join(root, 'npm-cache'));
    const registry = execFileSync('npm', ['config', 'get', 'registry'], { encoding: 'utf8' }).trim();
    await writeFile(
      join(folder, 'Dockerfile'),
      `FROM scratch
COPY root/ /
RUN ["/bin/busybox", "--install", "-s", "/bin"]
RUN mkdir -m 1777 /tmp
ENV npm_config_offline=true npm_config_cache=/npm-cache npm_config_registry=${registry}
`,
    );
    await build(folder, ['--tag', tag], where);
  } finally {
    await rm(folder, { recursive: true });
  }
}

const npmFolder = '/usr/local/lib/node_modules/npm';

/** With the packages that the image needs, and nothing of other projects. */
async function fillCache(cache: string): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'tandem-packages-'));
  try {
    for (const file of ['package.json', 'package-lock.json'])
      await copyFile(join(repository, file), join(folder, file));
    const flags = ['--omit=dev', '--ignore-scripts', '--no-audit', '--no-fund', '--cache', cache];
    await run('npm', ['ci', ...flags], folder, {});
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** With the classic builder, which needs no other image. */
const build = (folder: string, flags: readonly string[], where: string): Promise<void> =>
  run('docker', ['build', '--force-rm', ...flags, '.'], folder, { DOCKER_BUILDKIT: '0', DOCKER_HOST: where });

async function run(
  program: string,
  args: readonly string[],
  cwd: string,
  env: Record<string, string>,
): Promise<void> {
  const child = spawn(program, args, {
    cwd,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      said += text;
    });
  const code = await new Promise((resolve, reject) => child.on('error', reject).on('close', resolve));
  if (code !== 0) throw new Error(`${program} ${args.join(' ')} ended with ${code}:\n${said}`);
}
