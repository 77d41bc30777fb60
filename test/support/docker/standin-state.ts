import { request } from './request.ts';
import { until } from './until.ts';

/** Writes or removes a state file of the stand-in that answers on this loopback port. */
export async function changeState(
  port: number,
  method: 'PUT' | 'DELETE',
  file: string,
  body = '',
): Promise<void> {
  await until(`the stand-in takes ${method} ${file}`, () =>
    request({ host: '127.0.0.1', port }, method, `/_test/${file}`, { body, timeoutMs: 2000 }).then(
      ({ status }) => status === 204,
      () => false,
    ),
  );
}
