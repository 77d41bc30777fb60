import { z } from 'zod';

/** A whole number as it stands in an address. */
export const whole = (least: number, most = Number.MAX_SAFE_INTEGER) =>
  z
    .string()
    .regex(/^[+-]?\d{1,9}$/, 'Input should be a whole number')
    .transform(Number)
    .pipe(z.number().min(least).max(most));
