import { answerControl, type ControlState } from './gluetun-control.ts';
import type { Healthcheck, Process, Program } from './program.ts';

/** The ports that Gluetun itself holds in the namespace it shares: DNS, control server, health server. */
const controlPort = 8000;
const otherPorts = [53, 9999];

export interface GluetunOptions {
  readonly healthyAfterMs: number;
  readonly control: ControlState;
}

/** A Gluetun: its control server, and what its healthcheck finds. Both outlive a restart. */
export class Gluetun implements Program {
  readonly healthcheck: Healthcheck;
  control: ControlState;
  /** What the tunnel's check says; the control server shows no address and no port without it. */
  passing = true;

  constructor(options: GluetunOptions) {
    this.control = options.control;
    this.healthcheck = { firstProbeMs: options.healthyAfterMs, passes: () => this.passing };
  }

  async run(process: Process): Promise<void> {
    process.log('INFO [http server] http server listening on [::]:8000');
    for (const port of otherPorts) await process.bind(port);
    await process.bind(controlPort, (request, response) =>
      answerControl(request, response, {
        passing: this.passing,
        control: this.control,
        change: (status) => {
          this.control = { ...this.control, status };
        },
      }),
    );
  }
}
