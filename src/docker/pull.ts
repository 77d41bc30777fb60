import type { DockerApi } from './api.ts';
import type { Calls } from './call.ts';
import type { PullProgress, Trouble } from './docker.ts';
import { lines, parse } from './events.ts';
import { pullShape } from './shapes.ts';

/** A pull may take as long as it moves on: milliseconds until one that says nothing is given up. */
const silenceMs = 60_000;

/** Pulls an image, telling `progress` what Docker says on the way. */
export async function pull(
  api: DockerApi,
  image: string,
  calls: Calls,
  progress: PullProgress,
): Promise<{ kind: 'pulled' } | Trouble> {
  const giveUp = new AbortController();
  const abortSignal = giveUp.signal;
  try {
    const answer = await calls.send(silenceMs, () =>
      api.createImage({ fromImage: withTag(image), abortSignal }),
    );
    if (!answer.ok) return answer.trouble;

    const messages = lines(answer.value);
    let refused: Trouble | null = null;
    for (;;) {
      const next = await calls.send(silenceMs, () => messages.next());
      if (!next.ok) return refused ?? next.trouble;
      if (next.value.done) return refused ?? { kind: 'pulled' };
      const message = pullShape.safeParse(parse(next.value.value));
      if (!message.success) continue;
      const { error, status, id, progress: amount } = message.data;
      // The stream is read to its end: given up before, it takes a socket down that is another call's by then, and the process.
      if (error !== undefined) refused ??= { kind: 'refused', message: error };
      if (status !== undefined) progress([id, status, amount].filter(Boolean).join(' '));
    }
  } finally {
    // However it ends: a stream that nobody reads keeps its socket, and the process, for ever.
    giveUp.abort();
  }
}

/** Without a tag or digest Docker pulls every tag there is. */
const withTag = (image: string): string => (/[@:][^/]*$/.test(image) ? image : `${image}:latest`);
