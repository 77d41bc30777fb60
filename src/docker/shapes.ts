import { z } from 'zod';
import { plainWords } from '../domain/words.ts';

/** The parts of Docker's answers that are relied on. dockerode takes any 2xx for success, an empty or torn body included. */

/** What is shown to people. */
const words = z.string().transform((text) => plainWords(text));

const labels = z
  .record(z.string(), z.string())
  .nullish()
  .transform((value) => value ?? {});

export const createdShape = z.object({ id: z.string().regex(/^[0-9a-f]{12,64}$/) });

export const listedShape = z.array(
  z.object({
    Id: z.string().min(1),
    Names: z
      .array(words)
      .nullish()
      .transform((value) => value ?? []),
    Image: words,
    Created: z.number(),
    Labels: labels,
    State: words,
    Status: words,
  }),
);

export type ListedContainer = z.infer<typeof listedShape>[number];

const binding = z.object({ HostPort: z.string() });

export const inspectedShape = z.object({
  Id: z.string().min(1),
  Name: words,
  State: z.object({
    Status: words,
    StartedAt: z.string(),
    ExitCode: z.number(),
    OOMKilled: z.boolean().optional(),
    Error: words.optional(),
    Health: z.object({ Status: z.string() }).nullish(),
  }),
  Config: z.object({ Image: words, Labels: labels, Env: z.array(z.string()).nullish() }),
  NetworkSettings: z.object({
    Ports: z.record(z.string(), z.array(binding).nullish()).nullish(),
    Networks: z.record(z.string(), z.object({ IPAddress: z.string().nullish() })).nullish(),
  }),
});

export type Inspected = z.infer<typeof inspectedShape>;

export const eventShape = z.object({
  Type: z.string(),
  Action: z.string(),
  timeNano: z.number(),
  Actor: z.object({ ID: z.string(), Attributes: labels }),
});

export const pullShape = z.object({
  status: words.optional(),
  id: words.optional(),
  progress: words.optional(),
  error: words.optional(),
});
