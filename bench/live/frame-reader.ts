/** Bytes of a frame that are looked at. */
const looked = 176;

/** The first byte of a ping. */
const ping = 0x89;

/** Reads frames of a server off a socket, and of each only the first bytes. */
export class FrameReader {
  readonly #marker: string;
  readonly #found: (position: number | null) => void;
  readonly #pinged: () => void;
  readonly #head = Buffer.allocUnsafe(looked);
  #held = 0;
  /** Bytes of a frame that are still to come and not looked at. */
  #left = 0;
  #upgraded = false;

  /** `found` is called for each message, with the number that stands behind the marker. */
  constructor(marker: string, found: (position: number | null) => void, pinged: () => void) {
    this.#marker = marker;
    this.#found = found;
    this.#pinged = pinged;
  }

  read(bytes: Buffer, length: number): void {
    let at = this.#upgraded ? 0 : bytes.subarray(0, length).indexOf('\r\n\r\n') + 4;
    this.#upgraded = true;
    while (at < length) {
      if (this.#left > 0) {
        const skipped = Math.min(this.#left, length - at);
        this.#left -= skipped;
        at += skipped;
        continue;
      }
      const taken = Math.min(looked - this.#held, length - at);
      bytes.copy(this.#head, this.#held, at, at + taken);
      this.#held += taken;
      at += taken;
      const size = this.#frameSize();
      if (size === null || this.#held < Math.min(size, looked)) continue;
      const mine = Math.min(size, looked);
      // What was taken too much belongs to the next frame, and has come just now.
      at -= this.#held - mine;
      this.#held = 0;
      this.#left = size - mine;
      if (this.#head[0] === ping) this.#pinged();
      else this.#found(this.#position(mine));
    }
  }

  #frameSize(): number | null {
    if (this.#held < 2) return null;
    const short = (this.#head[1] ?? 0) & 127;
    if (short < 126) return 2 + short;
    if (short === 126) return this.#held < 4 ? null : 4 + this.#head.readUInt16BE(2);
    return this.#held < 10 ? null : 10 + Number(this.#head.readBigUInt64BE(2));
  }

  #position(length: number): number | null {
    const found = this.#head.subarray(0, length).indexOf(this.#marker);
    if (found < 0) return null;
    const start = found + this.#marker.length;
    return Number(this.#head.toString('latin1', start, start + 12));
  }
}
