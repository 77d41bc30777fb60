import type Dockerode from 'dockerode';
import type { Clock } from '../async/clock.ts';
import { call } from './call.ts';
import type { PullProgress, Trouble } from './docker.ts';
import { lines, parse } from './events.ts';
import { pullShape } from './shapes.ts';

/** A pull may take as long as it moves on: milliseconds until one that says nothing is given up. */
const silenceMs = 60_000;

/** Pulls an image, telling `progress` what Docker says on the way. */
export async function pull(
  api: Dockerode,
  image: string,
  clock: Clock,
  progress: PullProgress,
): Promise<{ kind: 'pulled' } | Trouble> {
  const giveUp = new AbortController();
  const answer = await call(clock, silenceMs, () =>
    api.createImage({ fromImage: withTag(image), abortSignal: giveUp.signal }),
  );
  if (!answer.ok) return answer.trouble;

  const messages = lines(answer.value);
  for (;;) {
    const next = await call(clock, silenceMs, () => messages.next());
    if (!next.ok) {
      giveUp.abort();
      return next.trouble;
    }
    if (next.value.done) return { kind: 'pulled' };
    const message = pullShape.safeParse(parse(next.value.value));
    if (!message.success) continue;
    const { error, status, id, progress: amount } = message.data;
    if (error !== undefined) return { kind: 'refused', message: error };
    if (status !== undefined) progress([id, status, amount].filter(Boolean).join(' '));
  }
}

/** Without a tag or digest Docker pulls every tag there is. */
const withTag = (image: string): string => (/[@:][^/]*$/.test(image) ? image : `${image}:latest`);
