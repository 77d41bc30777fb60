import { render } from 'preact';
import { systemClock } from '../async/clock.ts';
import { clientOf } from '../client/client.ts';
import { ClientError } from '../client/error.ts';
import { actionsOf, findRole } from './actions.ts';
import { after, type Message, nothingYet } from './picture.ts';
import { Page } from './view/page.tsx';
import { titleOf } from './view/title.ts';
import { watch } from './watch.ts';

const clock = systemClock;
const root = document.getElementById('app');
const keyName = 'tandem-key';

/** Milliseconds between two beats, in which what was seen goes and what was heard is said. */
const beatMs = 1_000;

let picture = nothingYet;
let key = inTab(() => sessionStorage.getItem(keyName));
let actions: ReturnType<typeof actionsOf>;
let session = new AbortController();
let drawing = false;
let unlock = (_key: string): void => {};

function tell(message: Message): void {
  const next = after(picture, message, clock.now());
  if (next === picture) return;
  picture = next;
  document.title = titleOf(picture);
  // However much is told meanwhile, it is drawn once; in a tab that nobody sees, not at all.
  if (!drawing) requestAnimationFrame(draw);
  drawing = true;
}

function draw(): void {
  drawing = false;
  if (root)
    render(
      <Page picture={picture} actions={actions} hasKey={key !== null} unlock={unlock} forget={forget} />,
      root,
    );
}

function keep(given: string | null): void {
  key = given;
  inTab(() => (given === null ? sessionStorage.removeItem(keyName) : sessionStorage.setItem(keyName, given)));
}

/** Some browsers keep nothing for a page, and fail when they are asked: the key is then in memory alone. */
function inTab<R>(use: () => R): R | null {
  try {
    return use();
  } catch {
    return null;
  }
}

function forget(): void {
  keep(null);
  session.abort();
}

/** One key's time: until it is no good, or forgotten. */
async function show(): Promise<void> {
  session = new AbortController();
  const { signal } = session;
  // What comes later is nothing for whoever has another key, or none.
  const say = (message: Message) => {
    if (!signal.aborted) tell(message);
  };
  const onSocket = (standing: boolean) => say({ kind: 'SOCKET', standing });
  const client = clientOf({ url: location.origin, key, onSocket });
  actions = actionsOf(client, say, clock);
  tell({ kind: 'BEGIN' });
  try {
    if (key !== null) void findRole(client, say);
    await watch(client, say, clock, signal);
  } catch (problem) {
    if (!(problem instanceof ClientError)) {
      // A fault of the page: it stands still, and must not say that it is live.
      tell({ kind: 'TROUBLE', why: `The page has failed (${problem}); load it again` });
      throw problem;
    }
    // First: the close of the socket may come yet, and would take the question for the key away.
    session.abort();
    tell({ kind: 'LOCKED', wrong: key !== null });
    keep(
      await new Promise<string>((resolve) => {
        unlock = resolve;
        requestAnimationFrame(draw);
      }),
    );
  } finally {
    session.abort();
    await client[Symbol.asyncDispose]();
  }
}

async function beat(): Promise<void> {
  for (;;) {
    await clock.sleep(beatMs);
    tell({ kind: 'BEAT' });
  }
}

void beat();
for (;;) await show();
