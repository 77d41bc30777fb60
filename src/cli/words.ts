/** A time span for people: its two greatest units. */
export function lasting(seconds: number): string {
  const whole = Math.max(0, Math.ceil(seconds));
  const units = [
    [Math.floor(whole / 86_400), 'd'],
    [Math.floor(whole / 3_600) % 24, 'h'],
    [Math.floor(whole / 60) % 60, 'min'],
    [whole % 60, 's'],
  ] as const;
  const first = units.findIndex(([amount]) => amount > 0);
  const told = first < 0 ? units.slice(-1) : units.slice(first, first + 2);
  const spoken = told.filter(([amount], index) => amount > 0 || index === 0);
  return spoken.map(([amount, unit]) => `${amount} ${unit}`).join(' ');
}

export const some = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`;

/** What has nothing to show is shown as that. */
export const orDash = (text: string | number | null | undefined): string =>
  text === null || text === undefined || text === '' ? '-' : String(text);
