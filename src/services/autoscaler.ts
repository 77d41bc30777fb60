import { PlainError } from '../domain/plain-error.ts';
import type { Snapshot } from '../domain/snapshot.ts';
import type { Fleet } from './fleet.ts';

/** Takes orders on how many engines are wanted; the reconciler keeps so many. */
export class Autoscaler {
  readonly #fleet: Fleet;

  constructor(fleet: Fleet) {
    this.#fleet = fleet;
  }

  /**
   * Sets the number that is kept from now on, and stops what is too many.
   * @throws {PlainError} BAD_USER_INPUT outside MIN_REPLICAS and MAX_REPLICAS; SERVICE_UNAVAILABLE while it starts or ends.
   * @throws {StorageTrouble} when it cannot be written down.
   */
  scaleEngines(to: number): Snapshot {
    const { minReplicas, maxReplicas } = this.#fleet.snapshot().policy;
    if (to < minReplicas || to > maxReplicas)
      throw new PlainError(
        'BAD_USER_INPUT',
        `to is ${to}; it takes a whole number from MIN_REPLICAS, which is ${minReplicas}, to MAX_REPLICAS, which is ${maxReplicas}.`,
      );
    if (this.#fleet.phase !== 'SERVING')
      throw new PlainError(
        'SERVICE_UNAVAILABLE',
        this.#fleet.phase === 'RECOVERING'
          ? 'Tandem has just started and is still adopting engines and looking at the VPNs. Try again in a second.'
          : 'Tandem is shutting down and scales nothing any more.',
      );
    this.#fleet.turnover.scale(to);
    return this.#fleet.snapshot();
  }
}
