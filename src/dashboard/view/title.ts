import { alarmOf } from '../condition.ts';
import type { Picture } from '../picture.ts';

/** What the tab says, for whoever looks at another one. */
export function titleOf({ link, status }: Picture): string {
  const alarm = status && alarmOf(status);
  if (alarm) return `${alarm.outage ? 'OUTAGE' : 'EMERGENCY'}: ${alarm.title} – Tandem`;
  return link.kind === 'LOST' ? 'Reconnecting … – Tandem' : 'Tandem';
}
