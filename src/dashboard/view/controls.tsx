import { useState } from 'preact/hooks';
import type { Actions } from '../actions.ts';
import type { Picture } from '../picture.ts';
import { type Doubt, doubtOf, offered } from '../scaling.ts';
import type { Fleet } from '../shapes.ts';
import { Confirm } from './confirm.tsx';
import { Sign } from './signs.tsx';

/** The most that one request starts. */
const largestBatch = 1_000;

interface ControlsProps {
  readonly picture: Picture;
  readonly fleet: Fleet;
  readonly actions: Actions;
}

/** The fleet in numbers, and what can be done about them. */
export function Controls({ picture: { mayChange }, fleet, actions }: ControlsProps) {
  const { desired, running, pending, minReplicas, maxReplicas, pausedReason } = fleet;
  const [asked, ask] = useState<{ readonly to: number; readonly doubt: Doubt } | null>(null);
  const scale = (to: number) => {
    const doubt = doubtOf(fleet, to);
    if (doubt) ask({ to, doubt });
    else actions.scale(to);
  };
  return (
    <section class="fleet" aria-labelledby="fleet-heading">
      <h2 id="fleet-heading" class="unseen">
        Fleet
      </h2>
      <dl class="numbers">
        <Figure name="running" value={running} big />
        <Figure name="starting" value={pending} />
        <Figure name="kept" value={desired} />
        <Figure name="at most" value={maxReplicas} />
      </dl>
      <div class="orders">
        <Order
          label="Engines"
          verb="Provision"
          least={1}
          most={largestBatch}
          initial={1}
          disabled={!mayChange}
          act={actions.provision}
          main
        />
        <Order
          label="Keep"
          verb="Scale"
          least={minReplicas}
          most={maxReplicas}
          initial={offered(fleet)}
          disabled={!mayChange}
          act={scale}
        />
      </div>
      {!mayChange && (
        <p class="remark">This key is for reading. To change something, open the page with API_KEY.</p>
      )}
      {pausedReason && <p class="remark">{pausedReason}</p>}
      {fleet.circuit !== 'CLOSED' && (
        <div class="circuit">
          <Sign name="alarm" />
          <p>
            {fleet.circuit === 'OPEN'
              ? 'Starts failed several times in a row: none is tried for now.'
              : 'Starts failed several times in a row: one is being tried.'}
          </p>
          <button type="button" disabled={!mayChange} onClick={actions.resetCircuit}>
            Let starts through
          </button>
        </div>
      )}
      {asked && <Confirm {...asked.doubt} act={() => actions.scale(asked.to)} close={() => ask(null)} />}
    </section>
  );
}

const Figure = ({ name, value, big = false }: { name: string; value: number; big?: boolean }) => (
  <div class={big ? 'big' : ''}>
    <dt>{name}</dt>
    <dd>{value}</dd>
  </div>
);

interface OrderProps {
  readonly label: string;
  readonly verb: string;
  readonly least: number;
  readonly most: number;
  readonly initial: number;
  readonly disabled: boolean;
  readonly act: (count: number) => void;
  readonly main?: boolean;
}

/** A number, and a button that does something with it. */
function Order({ label, verb, least, most, initial, disabled, act, main = false }: OrderProps) {
  const [typed, type] = useState<number | null>(null);
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        act(typed ?? initial);
        type(null);
      }}
    >
      <label for={verb}>{label}</label>
      <input
        id={verb}
        type="number"
        inputMode="numeric"
        required
        min={least}
        max={most}
        step={1}
        value={typed ?? initial}
        disabled={disabled}
        onInput={({ currentTarget: { valueAsNumber } }) => type(valueAsNumber)}
      />
      <button type="submit" class={main ? 'main' : ''} disabled={disabled}>
        {verb}
      </button>
    </form>
  );
}
