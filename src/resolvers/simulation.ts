import { builder } from '../schema/builder.ts';
import { VpnHealthType } from '../schema/enums.ts';
import { VpnType } from '../schema/vpn.ts';

builder.mutationField('simulate', (t) =>
  t.field({
    type: VpnType,
    description:
      'Has every look at a VPN find this from now on, and answers when one has. On the embedded engine alone. Needs API_KEY.',
    args: {
      vpn: t.arg.string({ required: true, description: 'Its name. An unknown one is an error.' }),
      health: t.arg({
        type: VpnHealthType,
        required: true,
        description:
          'HEALTHY: its container runs and is well. UNHEALTHY: its tunnel is down. UNKNOWN: Docker does not answer when it is asked about it.',
      }),
    },
    resolve: (_root, { vpn, health }, { simulation }) => simulation.simulate(vpn, health),
  }),
);
