import { z } from 'zod';
import { DockerError } from './errors.ts';

const command = z
  .union([z.array(z.string()), z.string()])
  .nullish()
  .transform((value) => (typeof value === 'string' ? [value] : (value ?? [])));

const portBinding = z.object({ HostIp: z.string().default(''), HostPort: z.string().default('') });

const createBody = z.looseObject({
  Image: z.string().default(''),
  Hostname: z.string().default(''),
  Cmd: command,
  Entrypoint: command,
  Env: z.array(z.string()).nullish(),
  Labels: z.record(z.string(), z.string()).nullish(),
  ExposedPorts: z.record(z.string(), z.unknown()).nullish(),
  Healthcheck: z.looseObject({ Test: z.array(z.string()).nullish() }).nullish(),
  HostConfig: z
    .looseObject({
      NetworkMode: z.string().nullish(),
      PortBindings: z.record(z.string(), z.array(portBinding).nullable()).nullish(),
    })
    .nullish(),
});

/** What a caller asked for at create, in the daemon's spelling. */
export type ContainerSpec = z.output<typeof createBody>;
export type ContainerSpecInput = z.input<typeof createBody>;
export type PortBinding = z.output<typeof portBinding>;

export function parseSpec(body: unknown): ContainerSpec {
  if (typeof body === 'object' && body !== null && Object.keys(body).length === 0)
    throw new DockerError(400, 'Config cannot be empty in order to create a container');
  const parsed = createBody.safeParse(body);
  if (!parsed.success) throw new DockerError(400, `invalid JSON: ${z.prettifyError(parsed.error)}`);
  return parsed.data;
}

/** The container whose namespace is to be joined, as the caller wrote it. */
export function joinedContainer(networkMode: string): string | undefined {
  return networkMode.startsWith('container:') ? networkMode.slice('container:'.length) : undefined;
}

export function networkModeOf(spec: ContainerSpec): string {
  return spec.HostConfig?.NetworkMode || 'default';
}

/** Refuses what a container that joins another's namespace may not have. */
export function verifySpec(spec: ContainerSpec): void {
  if (joinedContainer(networkModeOf(spec)) === undefined) return;
  const refuse = (what: string) => {
    throw new DockerError(400, `conflicting options: ${what}`);
  };
  if (spec.Hostname !== '') refuse('hostname and the network mode');
  if (Object.keys(spec.HostConfig?.PortBindings ?? {}).length > 0)
    refuse('port publishing and the container type network mode');
  if (Object.keys(spec.ExposedPorts ?? {}).length > 0)
    refuse('port exposing and the container type network mode');
}

/** The bindings that take effect: the daemon publishes only what is exposed as well. */
export function publishedBindings(
  spec: ContainerSpec,
): { port: number; protocol: string; binding: PortBinding }[] {
  return Object.keys(spec.ExposedPorts ?? {}).flatMap((key) => {
    const [port, protocol = 'tcp'] = key.split('/');
    return (spec.HostConfig?.PortBindings?.[key] ?? []).map((binding) => ({
      port: Number(port),
      protocol,
      binding,
    }));
  });
}
