import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { ExitCode } from '../../src/cli/exit.ts';
import type { Shell } from '../../src/cli/shell.ts';
import { watch } from '../../src/cli/watch.ts';
import { ProvisionEngine, Status } from '../api/operations.ts';
import { until } from '../support/docker/until.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { lineTo } from '../support/line.ts';
import { quiet } from '../support/quiet.ts';
import { simulated } from '../support/simulated.ts';

/** `tandem watch` in this process, in whose time it passes only when it is told to. */
class Watching implements AsyncDisposable {
  out = '';
  err = '';
  readonly clock = new FakeClock();
  readonly ended: Promise<ExitCode>;
  hasEnded = false;
  readonly #ending = new AbortController();

  constructor(url: string, { json = false, isTTY = false } = {}) {
    const output = (isTTY: boolean, take: (text: string) => void) => ({
      isTTY,
      rows: 24,
      write(text: string) {
        take(text);
        return true;
      },
    });
    const out = output(isTTY, (text) => {
      this.out += text;
    });
    const err = output(false, (text) => {
      this.err += text;
    });
    const shell: Shell = {
      env: {},
      out,
      err,
      clock: this.clock,
      signal: this.#ending.signal,
      atExit: () => {},
    };
    this.ended = watch(shell, { url, json, color: false });
    const end = () => {
      this.hasEnded = true;
    };
    this.ended.then(end, end);
  }

  get lines(): string[] {
    return this.out.trim().split('\n');
  }

  /** What is on the screen. */
  get page(): string {
    return this.out.slice(this.out.lastIndexOf('\x1b[H'));
  }

  /** Lets so many seconds pass, and what is asked meanwhile go its way. */
  async pass(seconds: number): Promise<void> {
    for (let second = 0; second < seconds; second++) {
      await this.clock.advance(1_000);
      await quiet(() => 0);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#ending.abort();
    await this.ended.catch(() => {});
  }
}

describe('watch, where nobody answers for a while', () => {
  test('waits for an answer that does not come, and has the news when one comes again', async () => {
    await using world = await simulated();
    await using line = await lineTo(world.tandem.url);
    await using watching = new Watching(line.url, { json: true });
    await until('it is connected', () => watching.lines.length >= 2);
    line.holding = true;
    const told = watching.lines.length;
    await world.tandem.ask(ProvisionEngine);
    await watching.pass(40);
    assert.equal(watching.hasEnded, false, 'it goes on');
    assert.equal(watching.lines.length, told, 'what is known already is not told as new');
    line.holding = false;
    await until('it has the news', async () => {
      await watching.pass(1);
      return JSON.parse(watching.lines.at(-1) ?? '').fleet.running === 1;
    });
  });

  test('with --json tells nothing while the connection is lost', async () => {
    await using world = await simulated();
    await using line = await lineTo(world.tandem.url);
    await using watching = new Watching(line.url, { json: true });
    await until('it is connected', () => watching.lines.length >= 2);
    const told = watching.lines.length;
    const { made } = line;
    line.refusing = true;
    await until('it has tried again and again', () => line.made >= made + 3);
    assert.equal(watching.lines.length, told);
    line.refusing = false;
    await until('it is told anew', () => watching.lines.length > told);
  });

  test('on a screen says at once that the connection is lost, and time goes on from what was told last', async () => {
    await using world = await simulated();
    await using line = await lineTo(world.tandem.url);
    world.docker.vpn('gluetun').fail();
    await until('there is an emergency', async () => {
      const { vpnStatus } = await world.tandem.ask(Status);
      return vpnStatus.emergencyMode.active;
    });
    await using watching = new Watching(line.url, { isTTY: true });
    await until('it is connected', () => line.made >= 2 && /EMERGENCY for \d s/.test(watching.page));
    // Whoever asks now waits for long.
    line.holding = true;
    line.cut();
    await until('it says so', () => watching.page.includes('the connection is lost'), 2_000);
    line.refusing = true;
    await watching.pass(60);
    assert.match(watching.page, /EMERGENCY for 1 min/);
    const { made } = line;
    await until('another attempt has failed', () => line.made > made);
    await watching.pass(1);
    assert.match(watching.page, /EMERGENCY for 1 min/);
  });

  test('where what it has missed is no longer known it says so, and goes on with what comes', async () => {
    await using world = await simulated();
    await using other = await simulated();
    await using line = await lineTo(world.tandem.url);
    await using watching = new Watching(line.url);
    await until('it is connected', () => line.made >= 2);
    await world.tandem.ask(ProvisionEngine);
    await until('it is told', () => /acestream-1 runs/.test(watching.out));
    const { lastEventId } = await world.tandem.ask(Status);
    // Another journal; and at first nobody says where it has come to.
    line.holding = true;
    line.leadTo(other.tandem.url);
    line.cut();
    const gap = `what happened since ${lastEventId} is no longer known`;
    await until('it says so', () => watching.err.includes(gap));
    await watching.pass(40);
    assert.equal(watching.hasEnded, false, 'it goes on');
    line.holding = false;
    await until('it is told of what happens there', async () => {
      await watching.pass(20);
      await other.tandem.ask(ProvisionEngine);
      return /acestream-2 runs/.test(watching.out);
    });
    assert.equal(watching.err.split(gap).length, 2, 'it says so once');
  });
});
