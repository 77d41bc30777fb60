import type { Buffer } from 'node:buffer';

interface Options {
  readonly abortSignal: AbortSignal;
}

type Lines = AsyncIterable<string | Buffer>;

/** What is used of dockerode. What Docker answers is read by its shape, and so is nothing here. */
export interface DockerApi {
  createContainer(options: Options & { readonly _query: object; readonly _body: object }): Promise<unknown>;
  getContainer(nameOrId: string): {
    inspect(options: Options): Promise<unknown>;
    start(options: Options): Promise<unknown>;
    restart(options: Options): Promise<unknown>;
    remove(options: Options & { readonly force: boolean; readonly v: boolean }): Promise<unknown>;
  };
  listContainers(
    options: Options & { readonly all: boolean; readonly filters: Record<string, string[]> },
  ): Promise<unknown>;
  getEvents(options: Options & { readonly filters: Record<string, string[]> }): Promise<Lines>;
  createImage(options: Options & { readonly fromImage: string }): Promise<Lines>;
}
