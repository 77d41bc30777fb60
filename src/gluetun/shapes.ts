import { z } from 'zod';
import type { PublicAddress, TunnelStatus } from '../domain/control.ts';
import { plainWords } from '../domain/words.ts';

/** Gluetun's encoder leaves empty strings out; versions differ in which. */
const word = z
  .string()
  .nullish()
  .transform((text) => plainWords(text ?? '', 100) || null);

/** While the VPN is down, or the address was not found out yet, it is empty, and in old versions left out. */
export const publicAddressShape = z
  .object({
    public_ip: z.union([z.literal(''), z.ipv4(), z.ipv6()]).optional(),
    country: word,
    region: word,
    city: word,
  })
  .transform(({ public_ip: ip, country, region, city }): PublicAddress | null =>
    ip ? { ip, country, region, city } : null,
  );

export const tunnelShape = z
  .object({ status: z.enum(['starting', 'running', 'stopping', 'stopped', 'crashed', 'completed']) })
  .transform(({ status }): TunnelStatus => status);

const port = z.int().min(0).max(65_535);

/** One port came as `port`, several as `ports` alone; since 3.41.2 both are there. 0 means none. */
export const forwardedPortShape = z
  .object({ port: port.optional(), ports: z.array(port).nullish() })
  .refine((answer) => answer.port !== undefined || answer.ports !== undefined)
  .transform((answer): number | null => answer.ports?.find((each) => each > 0) ?? (answer.port || null));
