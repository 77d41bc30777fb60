import type { Random } from '../support/random.ts';
import { Life, type LifeDeps } from './life.ts';

export interface ProcessDeps extends LifeDeps {
  readonly note: (what: string) => void;
  /** A process has begun to do its work. */
  readonly begun: () => void;
}

/** The service, life after life on one disk, and somebody who follows all its events over all of them. */
export class Process {
  readonly #deps: ProcessDeps;
  readonly #random: Random;
  #life: Life | null = null;
  #last: string | null = null;
  #skewMs = 0;
  /** Called before every step, where something is to happen at a step that chance has chosen. */
  #ambush: { left: number; act: () => void } | null = null;

  constructor(deps: ProcessDeps) {
    this.#deps = deps;
    this.#random = deps.random;
  }

  /** null while there is none. */
  get life(): Life | null {
    return this.#life?.alive ? this.#life : null;
  }

  get isFollowed(): boolean {
    return this.#life?.isFollowed ?? false;
  }

  /** A reader with much to read pauses in between: what is told comes before what is shown. */
  get isBehind(): boolean {
    return this.#life?.isBehind(this.#last) ?? false;
  }

  /** Waits for nothing that was to be told so far. */
  skip(): void {
    this.#last = this.life?.app.context.events.lastId ?? this.#last;
  }

  rise(): void {
    if (this.life) return;
    const { note, said, watcher, schedule, begun } = this.#deps;
    const random = this.#random;
    // The machine's clock may have been set back meanwhile.
    if (random.chance(0.2)) {
      this.#skewMs -= random.pick([1, 1_000, 3_600_000, 3_600_000]);
      note('clock: set back');
    }
    said('! the process begins');
    watcher.forget();
    this.#life = new Life(this.#deps, this.#skewMs);
    this.follow();
    if (random.chance(0.2)) schedule.after(random.between(0, 8), begun);
  }

  kill(): void {
    const life = this.#life;
    if (!life) return;
    const { said, trouble, watcher, schedule } = this.#deps;
    said('! the process is dead');
    life.kill();
    this.#life = null;
    // What it waited for nobody waits for any longer.
    trouble.hungAt = null;
    watcher.forget();
    const random = this.#random;
    const pause = random.pick([0, random.between(0, 100), random.between(0, 8_000)]);
    schedule.after(pause, () => this.rise());
  }

  /** It ends: at once, in a while, right after it has written something, or because it was asked to. */
  crash(): void {
    const random = this.#random;
    const { note, schedule, disk } = this.#deps;
    const how = random.pick(['at a step', 'after a write', 'politely'] as const);
    note(`process: ends ${how}`);
    if (how === 'politely') {
      const life = this.#life;
      life?.stop();
      schedule.after(random.between(100, 11_000), () => {
        if (life === this.#life) this.kill();
      });
      return;
    }
    const ambush = { left: random.below(how === 'at a step' ? 400 : 12), act: () => this.kill() };
    if (how === 'at a step') this.#ambush = ambush;
    else
      disk.written = () => {
        if (ambush.left-- > 0) return;
        disk.written = () => {};
        this.kill();
      };
  }

  /** Nobody is after it any longer. */
  spare(): void {
    this.#ambush = null;
    this.#deps.disk.written = () => {};
  }

  /** One more step is about to be made. */
  step(): void {
    if (!this.#ambush || this.#ambush.left-- > 0) return;
    const { act } = this.#ambush;
    this.#ambush = null;
    act();
  }

  look(): void {
    const life = this.#life;
    const { watcher } = this.#deps;
    if (life && !life.alive) {
      if (life.failure) watcher.see({ kind: 'missed', code: `the process ended: ${life.failure}` });
      this.kill();
    }
    this.#life?.look();
    watcher.look(this.#life?.app ?? null);
  }

  follow(): void {
    const { life } = this;
    if (!life) return;
    const { watcher } = this.#deps;
    const { lastId } = life.app.context.events;
    this.#last ??= lastId;
    void life.follow(
      this.#last,
      (event) => {
        this.#last = event.id;
        watcher.told(event, event.id <= lastId);
      },
      (code) => {
        this.#last = life.app.context.events.lastId;
        watcher.see({ kind: 'missed', code });
      },
    );
  }

  leaveOrReturn(): void {
    const { note } = this.#deps;
    if (this.isFollowed) {
      note('subscriber: leaves');
      this.#life?.leave();
    } else {
      note('subscriber: comes back');
      this.follow();
    }
  }
}
