import { useMemo, useState } from 'preact/hooks';
import type { Actions } from '../actions.ts';
import type { Picture } from '../picture.ts';
import type { Engine, LostEngine } from '../shapes.ts';
import { Confirm } from './confirm.tsx';
import { CopyButton } from './copy.tsx';
import { Sign, type SignName } from './signs.tsx';

interface TilesProps {
  /** The VPN's; empty where there is none. */
  readonly name: string;
  /** Whether what runs is offered to nobody. */
  readonly hidden: boolean;
  readonly picture: Picture;
  readonly actions: Actions;
}

/** The engines of one place. */
export function Tiles({ name, hidden, picture, actions }: TilesProps) {
  const tiles = picture.tiles[name] ?? [];
  const where = name === '' ? '' : ` of ${name}`;
  if (tiles.length === 0) return <p class="empty">No engine{where}.</p>;
  return (
    <ul class="tiles" aria-label={`Engines${where}`}>
      {tiles.map((tile) =>
        tile.kind === 'LIVE' ? (
          <LiveTile
            key={tile.engine.id}
            engine={tile.engine}
            hidden={hidden}
            mayChange={picture.mayChange}
            stop={actions.stop}
          />
        ) : (
          <GoneTile key={tile.engine.id} engine={tile.engine} lost={tile.kind === 'LOST'} />
        ),
      )}
    </ul>
  );
}

interface LiveTileProps {
  readonly engine: Engine;
  readonly hidden: boolean;
  readonly mayChange: boolean;
  readonly stop: Actions['stop'];
}

/** Drawn when something of it has changed, not whenever something is told: there may be hundreds. */
function LiveTile({ engine, hidden, mayChange, stop }: LiveTileProps) {
  const [asking, ask] = useState(false);
  return useMemo(
    () => <LiveTileDrawn {...{ engine, hidden, mayChange, stop, asking, ask }} />,
    [engine, hidden, mayChange, stop, asking],
  );
}

interface LiveTileDrawnProps extends LiveTileProps {
  readonly asking: boolean;
  readonly ask: (asking: boolean) => void;
}

function LiveTileDrawn({ engine, hidden, mayChange, stop, asking, ask }: LiveTileDrawnProps) {
  const { name, host, httpPort, url, forwarded, healthProblem, connected } = engine;
  const [kind, sign, words] = lookOf(engine, hidden);
  return (
    <li class={`tile tile-${kind}`}>
      <p class="name">
        <Sign name={sign} />
        {name}
      </p>
      <p class="port">
        <code>
          {host}:{httpPort}
        </code>
      </p>
      <p class="how">
        {words}
        {connected === false && ', not connected'}
        {forwarded && (
          <span class="forwarded">
            <Sign name="forward" />
            forwarded
          </span>
        )}
      </p>
      {healthProblem && <p class="problem">{healthProblem}</p>}
      <p class="actions">
        <CopyButton text={url} label={`Copy the address of ${name}`} />
        <button
          type="button"
          class="icon"
          aria-label={`Stop ${name}`}
          title={`Stop ${name}`}
          disabled={!mayChange}
          onClick={() => ask(true)}
        >
          <Sign name="stop" />
        </button>
      </p>
      {asking && (
        <Confirm
          title={`Stop ${name}?`}
          text="Whoever streams from it is cut off, and its container is removed."
          verb="Stop it"
          act={() => stop(engine)}
          close={() => ask(false)}
        />
      )}
    </li>
  );
}

function GoneTile({ engine: { name, httpPort }, lost }: { engine: LostEngine; lost: boolean }) {
  return (
    <li class={`tile ${lost ? 'tile-lost' : 'tile-leaving'}`} aria-hidden={!lost}>
      <p class="name">
        <Sign name="gone" />
        {name}
      </p>
      <p class="port">
        <code>:{httpPort}</code>
      </p>
      <p class="how">{lost ? 'lost' : 'gone'}</p>
    </li>
  );
}

function lookOf({ state, health }: Engine, hidden: boolean): [kind: string, sign: SignName, words: string] {
  if (state === 'PROVISIONING') return ['starting', 'starting', 'starting'];
  if (hidden) return ['hidden', 'gone', 'kept, not offered'];
  switch (health) {
    case 'HEALTHY':
      return ['healthy', 'ok', 'healthy'];
    case 'UNHEALTHY':
      return ['unhealthy', 'bad', 'unhealthy'];
    case 'UNKNOWN':
      return ['running', 'wait', 'running, not checked yet'];
  }
}
