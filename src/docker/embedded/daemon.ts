import { Container } from './container.ts';
import { DockerError } from './errors.ts';
import type { Images } from './images.ts';
import { normaliseName } from './images.ts';
import { Lifecycle } from './lifecycle.ts';
import { joinedContainer, parseSpec, verifySpec } from './spec.ts';
import { pass, type World } from './world.ts';

const namePattern = /^[a-zA-Z0-9][a-zA-Z0-9_.-]+$/;

/** The daemon: containers that exist, what is done to them, and images to make them from. */
export class Daemon {
  readonly world: World;
  readonly images: Images;
  readonly lifecycle: Lifecycle;

  constructor(world: World, images: Images) {
    this.world = world;
    this.images = images;
    this.lifecycle = new Lifecycle(world);
  }

  /** Makes a container; refuses in the order in which the real daemon looks. */
  async create(name: string, body: unknown, takesMs = 0): Promise<Container> {
    const { containers, moments } = this.world;
    const spec = parseSpec(body);
    if (spec.Image === '') throw new DockerError(400, 'No command specified');
    verifySpec(spec);
    const image = this.images.find(spec.Image);
    if (image === undefined) throw new DockerError(404, `No such image: ${normaliseName(spec.Image)}`);
    const id = this.world.newId();
    const wanted = name === '' ? `embedded_${id.slice(0, 12)}` : name.replace(/^\//, '');
    if (!namePattern.test(wanted))
      throw new DockerError(
        400,
        `Invalid container name (${wanted}), only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed`,
      );
    containers.refuseTaken(wanted);
    await pass(this.world, takesMs);
    const program = image.createProgram(wanted);
    const container = new Container({ id, name: wanted, created: moments.next(), spec, image, program });
    const parent = joinedContainer(container.networkMode);
    // A name that nobody has yet stays as it is, and is looked up again at each start.
    const joined = parent === undefined ? undefined : containers.find(parent);
    if (joined !== undefined) container.networkMode = `container:${joined.id}`;
    containers.add(container);
    this.lifecycle.emit(container, 'create');
    return container;
  }

  rename(container: Container, name: string): void {
    const wanted = name.replace(/^\//, '');
    if (wanted === '') throw new DockerError(400, 'Neither old nor new names may be empty');
    if (wanted === container.name)
      throw new DockerError(400, 'Renaming a container with the same name as its current name');
    if (!namePattern.test(wanted))
      throw new DockerError(
        400,
        `Error when allocating new name: Invalid container name (/${wanted}), only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed`,
      );
    const oldName = container.name;
    this.world.containers.rename(container, wanted);
    this.lifecycle.emit(container, 'rename', { oldName: `/${oldName}` });
  }

  /** Removes a container; only the first of several at once does so. */
  async remove(container: Container, ref: string, force: boolean, takesMs = 0): Promise<void> {
    if (container.removing) throw new DockerError(409, `removal of container ${ref} is already in progress`);
    // It stays so when it is gone: a start that waited for its turn meanwhile is refused.
    container.removing = true;
    try {
      await this.lifecycle.remove(container, force, takesMs);
    } catch (problem) {
      container.removing = false;
      throw problem;
    }
  }
}
