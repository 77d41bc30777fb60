import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parse } from 'yaml';

export interface Service {
  readonly extends?: { readonly file: string; readonly service: string };
  readonly image?: string;
  readonly container_name?: string;
  readonly environment?: Readonly<Record<string, string | number>>;
  readonly secrets?: readonly (string | { readonly source: string; readonly target: string })[];
  readonly volumes?: readonly string[];
  readonly ports?: readonly string[];
  readonly networks?: readonly string[];
  readonly privileged?: boolean;
  readonly stop_grace_period?: string;
}

export interface Composition {
  readonly services: Readonly<Record<string, Service>>;
  readonly networks: Readonly<Record<string, object>>;
  readonly volumes: Readonly<Record<string, object>>;
  readonly secrets: Readonly<Record<string, { readonly file: string }>>;
}

export const folder = join(import.meta.dirname, '../../deploy/compose');

/** A file with its variables at their defaults, and the services that it extends brought in, as Compose does both. */
export function composition(name: string): Composition {
  const { services, networks = {}, volumes = {}, secrets = {} } = read(join(folder, name));
  return {
    services: Object.fromEntries(
      Object.entries(services).map(([service, own]) => [service, extended(own, join(folder, name))]),
    ),
    networks,
    volumes,
    secrets,
  };
}

function read(path: string): Composition {
  // A variable without a default stands for itself: what matters here is that it is asked for.
  const text = readFileSync(path, 'utf8').replace(
    /\$\{(\w+)(:?-|:\?)([^}]*)\}/g,
    (_all, name: string, kind: string, rest: string) => (kind === ':?' ? name : rest),
  );
  return parse(text, { merge: true });
}

function extended(own: Service, path: string): Service {
  if (!own.extends) return own;
  const { extends: from, ...rest } = own;
  const base = read(join(dirname(path), from.file)).services[from.service];
  if (!base) throw new Error(`${path}: ${from.file} has no service ${from.service}`);
  return { ...base, ...rest, environment: { ...base.environment, ...rest.environment } };
}
