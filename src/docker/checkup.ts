import Dockerode from 'dockerode';
import { z } from 'zod';
import type { Clock } from '../async/clock.ts';
import { plainWords } from '../domain/words.ts';
import type { DockerAddress } from './address.ts';
import { type Answer, Calls, nonsense } from './call.ts';
import type { Trouble } from './docker.ts';

/** Questions to a daemon that somebody asks who wants to know whether a service could work with it. None throws. */
export interface Checkup {
  version(): Promise<{ readonly kind: 'version'; readonly version: string } | Trouble>;
  hasImage(name: string): Promise<{ readonly kind: 'here' | 'absent' } | Trouble>;
  /** Has the daemon ask the image's registry, which pulls nothing. */
  canPull(name: string): Promise<{ readonly kind: 'to be had' } | Trouble>;
  hasNetwork(name: string): Promise<{ readonly kind: 'here' | 'absent' } | Trouble>;
}

/** What is used of dockerode. */
interface CheckupApi {
  version(options: { readonly abortSignal: AbortSignal }): Promise<unknown>;
  getImage(name: string): { inspect(): Promise<unknown>; distribution(): Promise<unknown> };
  getNetwork(name: string): { inspect(): Promise<unknown> };
}

/** Milliseconds. */
const deadlineMs = 4_000;
/** A registry is far away. */
const registryDeadlineMs = 15_000;

const versionShape = z.object({ Version: z.string().transform((text) => plainWords(text, 100)) });

export function connectCheckup(address: DockerAddress, clock: Clock): Checkup {
  const api: CheckupApi = new Dockerode(address.options);
  const calls = new Calls(clock);
  return {
    async version() {
      const answer = await calls.send(deadlineMs, (abortSignal) => api.version({ abortSignal }));
      if (!answer.ok) return answer.trouble;
      const shown = versionShape.safeParse(answer.value);
      return shown.success ? { kind: 'version', version: shown.data.Version } : nonsense('version');
    },
    hasImage: async (name) => presence(await calls.send(deadlineMs, () => api.getImage(name).inspect())),
    async canPull(name) {
      const answer = await calls.send(registryDeadlineMs, () => api.getImage(name).distribution());
      return answer.ok ? { kind: 'to be had' } : answer.trouble;
    },
    hasNetwork: async (name) => presence(await calls.send(deadlineMs, () => api.getNetwork(name).inspect())),
  };
}

function presence(answer: Answer<unknown>): { kind: 'here' | 'absent' } | Trouble {
  if (answer.ok) return { kind: 'here' };
  return answer.status === 404 ? { kind: 'absent' } : answer.trouble;
}
