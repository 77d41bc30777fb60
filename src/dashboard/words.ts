/** Milliseconds as a clock shows them, such as 0:05, 12:34 and 1:02:03. */
export function clockFace(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1_000));
  const two = (n: number) => String(n).padStart(2, '0');
  const [hours, minutes] = [Math.floor(seconds / 3_600), Math.floor(seconds / 60) % 60];
  const rest = `${hours > 0 ? two(minutes) : minutes}:${two(seconds % 60)}`;
  return hours > 0 ? `${hours}:${rest}` : rest;
}

/** The same while it runs down: 0:00 only when nothing remains. */
export const countdown = (ms: number): string => clockFace(Math.ceil(ms / 1_000) * 1_000);

/** The same for the ear, to the second below a minute and to the minute above. */
export function spoken(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1_000));
  if (seconds < 60) return counted(seconds, 'second');
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return counted(minutes, 'minute');
  const hours = counted(Math.floor(minutes / 60), 'hour');
  return minutes % 60 === 0 ? hours : `${hours} ${counted(minutes % 60, 'minute')}`;
}

export const counted = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`;

/** "a", "a and b", "a, b and c" */
export const listed = (words: readonly string[]): string =>
  words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`;

const time = new Intl.DateTimeFormat('en', {
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  hourCycle: 'h23',
});
const day = new Intl.DateTimeFormat('en', { day: 'numeric', month: 'short' });

/** Where the reader is: 21:42:12, and the day with it where that is another than today's. */
export function moment(at: number, now: number): string {
  const today = day.format(now);
  const then = day.format(at);
  return then === today ? time.format(at) : `${then}, ${time.format(at)}`;
}
