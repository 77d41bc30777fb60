import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { z } from 'zod';
import { Inbox } from './inbox.ts';

const eventShape = z.object({
  Action: z.string(),
  Actor: z.object({ ID: z.string(), Attributes: z.record(z.string(), z.string()) }),
});

export interface ContainerEvent {
  /** Docker's own word, such as "die" or "health_status: unhealthy". */
  readonly action: string;
  readonly id: string;
  readonly name: string;
}

/** Docker's container events as they come off the socket, with nothing in between; the three of every health probe left out. */
export class DockerEvents implements AsyncDisposable {
  readonly inbox = new Inbox<ContainerEvent>();
  readonly #stream: IncomingMessage;

  private constructor(stream: IncomingMessage) {
    this.#stream = stream;
    let rest = '';
    stream.setEncoding('utf8');
    stream.on('data', (chunk: string) => {
      const at = performance.now();
      const lines = (rest + chunk).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) this.#take(line, at);
    });
    stream.on('error', () => undefined);
  }

  /** From now on: when this resolves, Docker has begun to tell. */
  static async open({ socketPath }: { readonly socketPath: string }): Promise<DockerEvents> {
    const event = ['die', 'destroy', 'health_status'];
    const filters = encodeURIComponent(JSON.stringify({ type: ['container'], event }));
    const asked = request({ socketPath, path: `/events?filters=${filters}`, agent: false });
    asked.end();
    const [stream]: IncomingMessage[] = await once(asked, 'response');
    if (stream?.statusCode !== 200) throw new Error(`events were answered with ${stream?.statusCode}`);
    return new DockerEvents(stream);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stream.destroy();
  }

  #take(line: string, at: number): void {
    const { Action: action, Actor } = eventShape.parse(JSON.parse(line));
    this.inbox.put({ action, id: Actor.ID, name: Actor.Attributes.name ?? '' }, at);
  }
}
