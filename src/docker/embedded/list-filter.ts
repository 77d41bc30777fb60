import type { Container } from './container.ts';
import { DockerError } from './errors.ts';
import { anyOf, type Filters, matchesLabels, refuseUnknownFilters } from './filters.ts';
import { networkNameOf, statusWord } from './json.ts';

const known = new Set(['id', 'name', 'label', 'status', 'health', 'exited', 'ancestor', 'network']);
const statuses = ['created', 'restarting', 'running', 'removing', 'paused', 'exited', 'dead'];

/** The containers that a list asks for: running ones, unless `all` or a filter on the status says otherwise. */
export function selectContainers(
  containers: readonly Container[],
  filters: Filters,
  all: boolean,
): Container[] {
  refuseUnknownFilters(filters, known);
  for (const status of filters.get('status') ?? [])
    if (!statuses.includes(status)) throw new DockerError(400, `Invalid filter 'status=${status}'`);
  const everything = all || filters.has('status') || filters.has('exited');
  return containers.filter(
    (container) =>
      (everything || container.run !== undefined) &&
      anyOf(filters, 'id', (id) => container.id.startsWith(id)) &&
      anyOf(filters, 'name', (name) => matchesName(container.name, name)) &&
      anyOf(filters, 'status', (status) => statusWord(container) === status) &&
      anyOf(filters, 'health', (health) => (container.health?.status ?? 'none') === health) &&
      anyOf(
        filters,
        'exited',
        (code) => container.state.kind === 'exited' && String(container.state.exit.code) === code,
      ) &&
      anyOf(
        filters,
        'ancestor',
        (image) => container.spec.Image === image || container.image.name === image,
      ) &&
      anyOf(filters, 'network', (network) => networkNameOf(container) === network) &&
      matchesLabels(filters, container.labels),
  );
}

/** A name is a regular expression, tried with and without the slash that names begin with. */
function matchesName(name: string, wanted: string): boolean {
  try {
    const pattern = new RegExp(wanted);
    return pattern.test(name) || pattern.test(`/${name}`);
  } catch {
    return false;
  }
}
