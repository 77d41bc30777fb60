import { once } from 'node:events';
import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { EventRelay } from './event-relay.ts';
import type { CallFault, Faults } from './faults.ts';
import type { Address } from './request.ts';
import { randomName } from './world.ts';

/** A call that has come from the service. */
export interface ProxiedCall {
  readonly method: string;
  readonly path: string;
  readonly body: Buffer;
}

interface DaemonAnswer {
  readonly status: number;
  readonly type: string;
  readonly body: Buffer;
}

export const changes = ({ method }: { readonly method: string }): boolean =>
  method === 'POST' || method === 'DELETE';

/**
 * A socket that leads to a daemon, on which calls and events meet with faults. What the daemon has heard it carries out, though
 * whoever asked has gone meanwhile.
 */
export class FaultProxy implements AsyncDisposable {
  /** `witness` is told of every call that changes something, as it comes, before the daemon hears it. */
  static async open(
    daemon: Address,
    faults: Faults,
    witness: (call: ProxiedCall) => Promise<void>,
  ): Promise<FaultProxy> {
    const proxy = new FaultProxy(daemon, faults, witness);
    await proxy.#listen();
    return proxy;
  }

  readonly faults: Faults;
  readonly #socketPath = join(tmpdir(), `${randomName('faults')}.sock`);
  readonly #daemon: Address;
  readonly #witness: (call: ProxiedCall) => Promise<void>;
  readonly #relays = new Set<EventRelay>();
  /** Answers that nobody will get before it is mended, and how often it was. */
  readonly #hung = new Set<ServerResponse>();
  #mended = 0;
  #server: Server | null = null;
  /** Resolved unless the daemon is mute. */
  #speaks: Promise<void> = Promise.resolve();
  #deaf = false;

  private constructor(daemon: Address, faults: Faults, witness: (call: ProxiedCall) => Promise<void>) {
    this.#daemon = daemon;
    this.faults = faults;
    this.#witness = witness;
  }

  get dockerHost(): string {
    return `unix://${this.#socketPath}`;
  }

  /** Nobody listens for so long: connections are refused, and those that were open are cut. */
  async leave(ms: number): Promise<void> {
    using _ = this.faults.spell('daemon gone');
    await this.#close();
    await sleep(ms);
    await this.#listen();
  }

  /** The daemon does nothing and says nothing for so long, as one that is stopped: then it hears all that was said to it. */
  async hush(ms: number): Promise<void> {
    using _ = this.faults.spell('daemon mute');
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#speaks = promise;
    await sleep(ms);
    resolve();
  }

  /** From now on every stream of events is silent, until `mend`. */
  deafen(): void {
    this.#deaf = true;
    for (const relay of this.#relays) relay.silent = true;
  }

  /** From now on Docker answers: what hung is cut, and so is what is silent. */
  mend(): void {
    this.#mended++;
    this.faults.disarm();
    this.#deaf = false;
    for (const outgoing of this.#hung) outgoing.destroy();
    this.#hung.clear();
    for (const relay of this.#relays) if (relay.silent) relay.cut();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.mend();
    if (this.#server) await this.#close();
  }

  async #listen(): Promise<void> {
    const server = createServer({ keepAliveTimeout: 0 }, (incoming, outgoing) => {
      // Whatever breaks on the way breaks the connection.
      this.#pass(incoming, outgoing).catch(() => outgoing.destroy());
    });
    server.listen(this.#socketPath);
    await once(server, 'listening');
    this.#server = server;
  }

  async #close(): Promise<void> {
    const server = this.#server;
    this.#server = null;
    const closed = new Promise((resolve) => server?.close(resolve));
    server?.closeAllConnections();
    await closed;
  }

  async #pass(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const { method = '', url: path = '' } = incoming;
    const fault = this.faults.ofCall(changes({ method }));
    const mended = this.#mended;
    const hang = () => {
      // What was mended meanwhile would hang for ever.
      if (mended === this.#mended) this.#hung.add(outgoing);
      else outgoing.destroy();
    };
    const call = { method, path, body: await buffer(incoming) };
    if (changes(call)) await this.#witness(call);
    if (fault === 'refused') return void outgoing.destroy();
    if (fault === 'delayed') await sleep(this.faults.delay());
    await this.#speaks;
    switch (fault) {
      case 'reset before its effect':
        await sleep(this.faults.delay());
        return void outgoing.destroy();
      case 'error 500 before its effect':
        return send(outgoing, failed);
      case 'hangs before its effect':
        return hang();
    }
    const answer = await this.#ask(call, incoming, outgoing);
    await this.#speaks;
    if (!answer) return;
    if (fault === 'hangs after its effect') hang();
    else this.#answer(outgoing, answer, fault);
  }

  #answer(outgoing: ServerResponse, answer: DaemonAnswer, fault: CallFault | null): void {
    switch (fault) {
      case 'reset after its effect':
        outgoing.destroy();
        return;
      case 'error 500 after its effect':
        send(outgoing, failed);
        return;
      case 'truncated answer': {
        const { status, type, body } = answer;
        const head = `HTTP/1.1 ${status} OK\r\nContent-Type: ${type}\r\nContent-Length: ${body.length}\r\n\r\n`;
        const whole = Buffer.concat([Buffer.from(head), body]);
        outgoing.socket?.end(whole.subarray(0, this.faults.cut(whole.length)));
        return;
      }
      default:
        send(outgoing, answer);
    }
  }

  /** Null for a stream of events, which answers by itself. */
  async #ask(
    { method, path, body }: ProxiedCall,
    incoming: IncomingMessage,
    outgoing: ServerResponse,
  ): Promise<DaemonAnswer | null> {
    const target =
      'socketPath' in this.#daemon ? this.#daemon : { host: this.#daemon.host, port: this.#daemon.port };
    const asking = request({ ...target, method, path, headers: incoming.headers, agent: false });
    const answered: Promise<IncomingMessage[]> = once(asking, 'response');
    asking.end(body);
    const [answer] = await answered;
    if (!answer) throw new Error('no answer');
    if (/^(\/v[\d.]+)?\/events\b/.test(path)) {
      const relay = new EventRelay(answer, outgoing, this.faults, () => this.#speaks, this.#deaf);
      this.#relays.add(relay);
      void relay.run().finally(() => this.#relays.delete(relay));
      return null;
    }
    return {
      status: answer.statusCode ?? 502,
      type: answer.headers['content-type'] ?? 'application/json',
      body: await buffer(answer),
    };
  }
}

const failed: DaemonAnswer = {
  status: 500,
  type: 'application/json',
  body: Buffer.from('{"message":"something went wrong, as far as this proxy knows"}'),
};

function send(outgoing: ServerResponse, { status, type, body }: DaemonAnswer): void {
  const empty = status === 204 || status === 304;
  outgoing.writeHead(status, empty ? {} : { 'content-type': type, 'content-length': body.length });
  outgoing.end(empty ? undefined : body);
}
